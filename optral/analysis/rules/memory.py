"""Killed for memory: too little from the start, less than before, more needed than before, or never enough."""

import re
from collections.abc import Iterator

from optral.analysis import actions, logs
from optral.analysis.calibration import Level
from optral.analysis.case import Case, Container, Focus, cite
from optral.analysis.model import Action, Hypothesis, Sentence
from optral.analysis.rules.containers import container_change, exit_id, parts, spec_id
from optral.analysis.rules.rule import CRASH, JOB, OOM, rule
from optral.analysis.snapshot import Thing
from optral.kit.words import plural
from optral.kube import quantities

LONG_RUN_S = 3600.0  # a leak takes its time; a limit that is too low shows at once
INIT_KILLED = ("init was OOM-killed", "memory limit too low", "cannot allocate memory")


def killed_before_start(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The limit does not even hold the process that sets the container up."""
    if (found := parts(focus)) is None:
        return
    seen, pod = found
    event = next((e for e in case.events(pod) if any(words in e.text("message") for words in INIT_KILLED)), None)
    by_runtime = seen.exit.get("reason") in ("StartError", "ContainerCannotRun")  # else the program itself left the message
    message = str((seen.exit.get("message") if by_runtime else None) or seen.waiting.get("message") or "")
    if event is None and not any(words in message for words in INIT_KILLED):
        return
    workload, limit = case.workload(pod), _limit(seen)
    told = case.event_id(event, pod) if event is not None else exit_id(case, seen)
    asked = spec_id(case, seen, "resources.limits.memory", "resources.requests.memory")
    lowered = container_change(case, workload, seen, "limits/memory")
    sentences = [
        cite(f"Container `{seen.name}` cannot start: the runtime was OOM-killed while it set up the container.", told, asked),
        cite(f"Its memory limit is `{limit}`, too little to start any process." if limit else "It has no memory to start in.", asked),
    ]
    if lowered is not None:
        sentences.append(cite("The newest revision changed the limit.", lowered.evidence_id))
    remedies = [_raised(seen, workload, limit, lowered.before if lowered is not None else None, asked), actions.rollback(case, workload)]
    yield case.hypothesis("init_memory_too_small", workload, Level.PROVEN, *sentences, focus=focus, actions=remedies)


def killed_at_limit(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """OOMKilled at the container's own limit."""
    if (found := parts(focus)) is None:
        return
    seen, pod = found
    if seen.exit.get("reason") != "OOMKilled":
        return
    workload, limit = case.workload(pod), _limit(seen)
    killed, asked = exit_id(case, seen), spec_id(case, seen, "resources.limits.memory", "resources.requests.memory")
    if limit is None:
        yield from _node_out_of_memory(case, focus, seen, killed, asked)
        return
    base = (
        cite(f"The kernel killed container `{seen.name}` of pod `{pod.name}`: `OOMKilled`.", killed),
        cite(f"Its memory limit is `{limit}`.", asked),
    )
    heap = _heap(case, seen, limit)
    if heap is not None:
        size, sentence = heap
        larger = actions.raise_memory(workload, seen.name, limit, asked, to=quantities.human_bytes(size * 5 // 4))
        advice = actions.advice(
            "Set the heap limit well below the container's limit",
            "The kernel kills the process before the garbage collector runs.",
            *sentence.evidence_ids,
        )
        yield case.hypothesis("memory_limit_too_low", workload, Level.PROVEN, *base, sentence, focus=focus, actions=[larger, advice])
        return
    lowered = container_change(case, workload, seen, "limits/memory")
    other_image = container_change(case, workload, seen, "image")
    raised = actions.raise_memory(workload, seen.name, limit, asked)
    if lowered is not None and _is_less(lowered.after, lowered.before):
        restored = _raised(seen, workload, limit, lowered.before, asked, lowered.evidence_id)
        yield case.hypothesis(
            "memory_limit_lowered",
            workload,
            Level.PROVEN,
            *base,
            cite(f"The limit was lowered from `{lowered.before}` to `{lowered.after}`.", lowered.evidence_id),
            focus=focus,
            actions=[restored, actions.rollback(case, workload, lowered.evidence_id)],
        )
    elif other_image is not None and case.fails_only_in_newest_revision(workload):
        yield case.hypothesis(
            "memory_regression_after_rollout",
            workload,
            Level.STRONG,
            *base,
            cite(
                f"The newest revision runs image `{other_image.after}` instead of `{other_image.before}` with the same limit.",
                other_image.evidence_id,
            ),
            focus=focus,
            actions=[actions.rollback(case, workload, other_image.evidence_id), raised],
        )
    ran_s = seen.ran_s
    is_leak = ran_s is not None and ran_s >= LONG_RUN_S and seen.restarts >= 2 and not case.changes(workload)
    if is_leak:
        yield case.hypothesis(
            "memory_leak",
            workload,
            Level.LIKELY,
            *base,
            cite("It ran for more than an hour before the kill, and there was no recent change.", killed),
            focus=focus,
            actions=[raised, actions.restart(workload, "It starts again with little memory in use.", killed)],
            missing=["the memory usage between kills"],
        )
    restarts = _restarts(seen)
    level = (
        Level.PLAUSIBLE
        if lowered is not None or (other_image is not None and case.fails_only_in_newest_revision(workload))
        else Level.PLAUSIBLE
        if is_leak
        else Level.STRONG
    )
    yield case.hypothesis("memory_limit_too_low", workload, level, *base, cite(restarts, killed), focus=focus, actions=[raised])


def _restarts(seen: Container) -> str:
    """How often it was started again, and as of which end: both move on after the answer."""
    at = f" at `{seen.exit['finishedAt']}`" if isinstance(seen.exit.get("finishedAt"), str) else ""
    if not seen.restarts:
        return f"The exit{at} was its first."
    return f"As of the exit{at} it has restarted `{seen.restarts}` {plural(seen.restarts, 'time')}."


def killed_unseen(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """Killed, and nobody says for what: not by a probe, so that of those who kill, the memory limit is the likeliest.

    A runtime that does not see the kernel's kill reports an `Error` with code 137; a process that was killed below the first one is told
    by the program that lost it.
    """
    if (found := parts(focus)) is None:
        return
    seen, pod = found
    limit = _limit(seen)
    told = _told_killed(case, seen)
    is_killed = seen.exit.get("exitCode") == 137 and seen.exit.get("reason") not in ("OOMKilled", "Completed")
    if limit is None or not (is_killed or told is not None) or case.events(pod, "Killing", "Preempting", "Evicted"):
        return
    workload = case.workload(pod)
    ended, asked = exit_id(case, seen), spec_id(case, seen, "resources.limits.memory", "resources.requests.memory")
    heap, lowered = _heap(case, seen, limit), container_change(case, workload, seen, "limits/memory")
    proof = [heap[1]] if heap is not None else []
    if told is not None:
        proof.append(cite("The log reports that one of its processes was killed.", told))
    if lowered is not None and _is_less(lowered.after, lowered.before):
        proof.append(cite(f"The limit was lowered from `{lowered.before}` to `{lowered.after}`.", lowered.evidence_id))
    yield case.hypothesis(
        "memory_limit_lowered" if lowered is not None and _is_less(lowered.after, lowered.before) else "memory_limit_too_low",
        workload,
        (Level.STRONG if proof else _unproven(seen)),
        cite(f"Container `{seen.name}` of pod `{pod.name}` exited with code `{seen.exit.get('exitCode')}`.", ended),
        cite(f"Its memory limit is `{limit}`, and no probe killed it.", asked),
        *proof,
        focus=focus,
        actions=[_raised(seen, workload, limit, lowered.before if lowered is not None else None, asked), actions.rollback(case, workload)],
        missing=[] if proof else ["the kernel log of the node, which shows why it was killed", f"the memory usage of {seen.name}"],
    )


def _told_killed(case: Case, seen: Container) -> str | None:
    found = ((key, sign) for key, text in case.logs(seen) for sign in logs.signs(text) if sign.kind == "killed")
    return next((case.book.log(key, sign.line) for key, sign in found), None)


def _unproven(seen: Container) -> Level:
    """How likely memory is when all that is known is the kill. Where a probe may have killed, its Event may have been lost."""
    if seen.restarts < 2:
        return Level.POSSIBLE
    return Level.POSSIBLE if seen.spec.get("livenessProbe") or seen.spec.get("startupProbe") else Level.LIKELY


def _node_out_of_memory(case: Case, focus: Focus, seen: Container, killed: str, asked: str) -> Iterator[Hypothesis]:
    """Without a limit of its own the kernel chose it because the node had no memory left."""
    node = case.snap.find("Node", None, seen.pod.text("spec.nodeName"))
    if node is None:
        return
    placed = case.book.fields(seen.pod, "spec", "nodeName")
    yield case.hypothesis(
        "node_pressure",
        node,
        Level.LIKELY,
        cite(f"The kernel killed container `{seen.name}` for memory: `OOMKilled`.", killed),
        cite(f"It has no memory limit, so node `{node.name}` ran out of memory.", asked, placed),
        focus=focus,
        actions=[actions.advice("Set memory requests and limits", "Then the scheduler does not place more on the node than fits.", asked)],
    )


_HEAP = re.compile(r"-Xmx(\d+)([kmgKMG]?)\b|--max[-_]old[-_]space[-_]size=(\d+)")
_UNITS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30}


def _heap(case: Case, seen: Container, limit: str) -> tuple[int, Sentence] | None:
    """(bytes, why) when a language's own heap may grow to the container's limit and beyond."""
    bound = _bytes(limit)
    places = [(f"env[{index}]", one.get("value")) for index, one in seen.pod.indexed(f"{seen.spec_path}.env")]
    for name in ("command", "args"):
        written = seen.spec.get(name)
        places += [(f"{name}[{index}]", word) for index, word in enumerate(written if isinstance(written, list) else ())]
    for path, text in places:
        match = _HEAP.search(text) if isinstance(text, str) else None
        if match is None or bound is None:
            continue
        size = int(match.group(3)) * 2**20 if match.group(3) else int(match.group(1)) * _UNITS[match.group(2).lower()]
        if bound * 9 // 10 <= size < 2**45:
            shown = case.book.object(seen.pod, f"{seen.spec_path}.{path}")
            return size, cite(f"Its heap may grow to `{match.group(0)}`, which leaves too little of the limit for the rest.", shown)
    return None


def _limit(seen: Container) -> str | None:
    found = seen.pod.get(f"{seen.spec_path}.resources.limits.memory")
    return str(found) if found is not None else None


def _is_less(after: object, before: object) -> bool:
    new, old = _bytes(after), _bytes(before)
    return new is not None and (old is None or new < old)


def _bytes(value: object) -> int | None:
    return quantities.bytes_or_none({"memory": str(value)}, "memory") if value is not None else None


def _raised(seen: Container, workload: Thing, limit: str | None, before: object, *evidence_ids: str) -> Action | None:
    """The limit it had before when that was more, else twice the present one."""
    back = str(before) if before is not None and _is_less(limit, before) else None
    return actions.raise_memory(workload, seen.name, limit, *evidence_ids, to=back)


RULES = (
    rule(killed_before_start, {OOM}, {"init_memory_too_small"}),
    rule(
        killed_at_limit,
        {OOM},
        {"memory_limit_too_low", "memory_limit_lowered", "memory_regression_after_rollout", "memory_leak", "node_pressure"},
        version=2,
    ),
    rule(killed_unseen, {CRASH, JOB}, {"memory_limit_too_low", "memory_limit_lowered"}),
)
