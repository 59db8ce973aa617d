"""OOM kills: the limit is too low to start, was lowered, is too low since a rollout, or is too low in general."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Action, Hypothesis, Sentence
from optral.analysis.reading.case import Case, Container, Focus, cite
from optral.analysis.reading.evidence import Change
from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.remedies import actions
from optral.analysis.rules import exits
from optral.analysis.rules.containers import container_change, exit_id, parts, sign_lines, spec_id
from optral.analysis.rules.quotes import changed, quote, quote_line
from optral.analysis.rules.rule import CRASH, JOB, LOGGING, OOM, rule
from optral.kit.words import plural
from optral.kube import quantities
from optral.kube.reports.containers import COMPLETED, NEVER_RAN
from optral.kube.reports.probes import KILLING
from optral.kube.reports.runtime import is_memory_too_low

LONG_RUN_S = 3600.0  # a leak takes this long at least; a limit that is too low shows at once


class _Limited(NamedTuple):
    """A container with a memory limit: the evidence of the limit, and what the newest revision changed.

    `limit_change` and `image_change` are any changes, `lowered` is a change to a lower limit.
    """

    seen: Container
    workload: SnapshotObject
    limit: str
    evidence_id: str
    limit_change: Change | None
    image_change: Change | None

    @property
    def lowered(self) -> Change | None:
        change = self.limit_change
        return change if change is not None and _is_less(change.after, change.before) else None


def _limited(case: Case, seen: Container) -> _Limited | None:
    """None for a container without a memory limit."""
    if (limit := _limit(seen)) is None:
        return None
    workload = case.workload(seen.pod)
    changes = (container_change(case, workload, seen, part) for part in ("limits/memory", "image"))
    return _Limited(seen, workload, limit, _memory_id(case, seen), *changes)


def killed_before_start(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The limit is too low even for the process that sets the container up."""
    if (found := parts(focus)) is None:
        return
    seen, pod = found
    event = next((event for event in case.events(pod) if is_memory_too_low(event.text("message"))), None)
    message = _runtime_message(seen) if event is None else event.text("message")
    if event is None and not is_memory_too_low(message):
        return
    workload, limit = case.workload(pod), _limit(seen)
    killed = case.event_id(event, pod) if event is not None else exit_id(case, seen)
    requested = _memory_id(case, seen)
    change = container_change(case, workload, seen, "limits/memory")
    sentences = [
        cite(f"Container `{seen.name}` cannot start: the runtime was OOM-killed while it set up the container.", killed, requested),
        _too_little(limit, message, requested, killed),
    ]
    if change is not None:
        sentences.append(changed("The limit", change))
    raised = _raised(seen, workload, limit, change.before if change is not None else None, requested)
    remedies = [raised, actions.rollback(case, workload)]
    yield focus.hypothesis("init_memory_too_small", workload, Level.PROVEN, *sentences, actions=remedies)


def _too_little(limit: str | None, message: str, requested: str, killed: str) -> Sentence:
    if limit is None:
        return quote("It has no memory limit of its own. Message from the runtime", message, killed)
    return cite("Its memory limit is {memory_limit}, too little to start any process.", requested, memory_limit=limit)


def _runtime_message(seen: Container) -> str:
    """The runtime's message about a container that it could not start. After a start, the message is what the program left."""
    could_not_start = seen.exit.get("reason") in NEVER_RAN
    return str((seen.exit.get("message") if could_not_start else None) or seen.waiting.get("message") or "")


def killed_at_limit(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """OOMKilled at the container's own limit."""
    if (found := parts(focus)) is None:
        return
    seen, pod = found
    if seen.exit.get("reason") != "OOMKilled":
        return
    killed, limited = exit_id(case, seen), _limited(case, seen)
    if limited is None:
        yield from _node_out_of_memory(case, focus, seen, killed)
        return
    base = (
        cite(f"The kernel killed container `{seen.name}` of pod `{pod.name}`: `OOMKilled`.", killed),
        cite("Its memory limit is {memory_limit}.", limited.evidence_id, memory_limit=limited.limit),
    )
    heap = _heap(case, seen, limited.limit)
    if heap is not None:
        yield _heap_beyond_limit(focus, limited, base, heap)
        return
    raised = actions.raise_memory(limited.workload, seen.name, limited.limit, limited.evidence_id)
    is_regression = limited.image_change is not None and case.fails_only_in_newest_revision(limited.workload)
    is_leak = _is_leak(case, limited)
    if limited.lowered is not None:
        yield _limit_lowered(case, focus, limited, base, limited.lowered)
    elif limited.image_change is not None and is_regression:
        yield _needs_more_since_rollout(case, focus, limited, base, limited.image_change, raised)
    if is_leak:
        yield _leak(focus, limited, base, killed, raised)
    is_explained = limited.limit_change is not None or is_regression or is_leak
    yield focus.hypothesis(
        "memory_limit_too_low",
        limited.workload,
        Level.PLAUSIBLE if is_explained else Level.STRONG,
        *base,
        cite(_restarts(seen), killed),
        actions=[raised],
    )


_Base = tuple[Sentence, Sentence]


def _heap_beyond_limit(focus: Focus, limited: _Limited, base: _Base, heap: tuple[int, Sentence]) -> Hypothesis:
    size, sentence = heap
    seen, workload = limited.seen, limited.workload
    larger = actions.raise_memory(workload, seen.name, limited.limit, limited.evidence_id, to=quantities.human_bytes(size * 5 // 4))
    advice = actions.advice(
        "Set the heap limit well below the container's limit",
        "The kernel kills the process before the garbage collector runs.",
        *sentence.evidence_ids,
    )
    return focus.hypothesis("memory_limit_too_low", workload, Level.PROVEN, *base, sentence, actions=[larger, advice])


def _limit_lowered(case: Case, focus: Focus, limited: _Limited, base: _Base, change: Change) -> Hypothesis:
    seen, workload = limited.seen, limited.workload
    restored = _raised(seen, workload, limited.limit, change.before, limited.evidence_id, change.evidence_id)
    return focus.hypothesis(
        "memory_limit_lowered",
        workload,
        Level.PROVEN,
        *base,
        _lowered_from(change),
        actions=[restored, actions.rollback(case, workload, change.evidence_id)],
    )


def _lowered_from(change: Change) -> Sentence:
    return cite("The limit was lowered from {previous} to {current}.", change.evidence_id, previous=change.before, current=change.after)


def _needs_more_since_rollout(
    case: Case, focus: Focus, limited: _Limited, base: _Base, change: Change, raised: Action | None
) -> Hypothesis:
    words = "The newest revision runs image {image} instead of {previous} with the same limit."
    return focus.hypothesis(
        "memory_regression_after_rollout",
        limited.workload,
        Level.STRONG,
        *base,
        cite(words, change.evidence_id, image=change.after, previous=change.before),
        actions=[actions.rollback(case, limited.workload, change.evidence_id), raised],
    )


def _is_leak(case: Case, limited: _Limited) -> bool:
    ran_s = limited.seen.ran_s
    return ran_s is not None and ran_s >= LONG_RUN_S and limited.seen.restarts >= 2 and not case.changes(limited.workload)


def _leak(focus: Focus, limited: _Limited, base: _Base, killed: str, raised: Action | None) -> Hypothesis:
    return focus.hypothesis(
        "memory_leak",
        limited.workload,
        Level.LIKELY,
        *base,
        cite("It ran for more than an hour before the kill, and there was no recent change.", killed),
        actions=[raised, actions.restart(limited.workload, "It starts again with little memory in use.", killed)],
        missing=["the memory usage between kills"],
    )


def _restarts(seen: Container) -> str:
    """How often it was restarted, and as of which exit: both move on after the answer."""
    at = f" at `{seen.exit['finishedAt']}`" if isinstance(seen.exit.get("finishedAt"), str) else ""
    if not seen.restarts:
        return f"The exit{at} was its first."
    return f"By the exit{at}, it had restarted `{seen.restarts}` {plural(seen.restarts, 'time')}."


def killed_without_reason(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """Killed, and nothing states why: no probe killed it, so the memory limit is the most likely cause.

    A runtime that does not see the kernel's kill reports an `Error` with code 137; when a child process is killed, only its parent's log
    reports it.
    """
    if (found := parts(focus)) is None:
        return
    seen, pod = found
    logged = sign_lines(case, seen).get("killed")
    is_killed = seen.exit.get("exitCode") == 137 and seen.exit.get("reason") not in ("OOMKilled", COMPLETED)
    if not (is_killed or logged is not None) or case.events(pod, KILLING, "Preempting", "Evicted"):
        return
    if (limited := _limited(case, seen)) is None:
        return
    heap, lowered, change = _heap(case, seen, limited.limit), limited.lowered, limited.limit_change
    support = [heap[1]] if heap is not None else []
    if logged is not None:
        support.append(cite("The log reports that one of its processes was killed.", logged.evidence_id))
    if lowered is not None:
        support.append(_lowered_from(lowered))
    raised = _raised(seen, limited.workload, limited.limit, change.before if change is not None else None, limited.evidence_id)
    yield focus.hypothesis(
        "memory_limit_too_low" if lowered is None else "memory_limit_lowered",
        limited.workload,
        Level.STRONG if support else _level_of_kill_alone(seen),
        cite(f"Container `{seen.name}` of pod `{pod.name}` exited with code `{seen.exit.get('exitCode')}`.", exit_id(case, seen)),
        cite("Its memory limit is {memory_limit}, and no probe killed it.", limited.evidence_id, memory_limit=limited.limit),
        *support,
        actions=[raised, actions.rollback(case, limited.workload)],
        missing=[] if support else ["the kernel log of the node, which shows why it was killed", f"the memory usage of {seen.name}"],
    )


def child_killed(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The container runs and keeps logging that its child processes are killed, and it has a memory limit."""
    if (exited := exits.read(case, focus)) is None or (line := exited.lines.get("killed")) is None:
        return
    if (limited := _limited(case, exited.container)) is not None:
        yield focus.hypothesis(
            "memory_limit_too_low",
            limited.workload,
            Level.LIKELY,
            exited.opening,
            quote_line("The log reports that a child process was killed", line),
            cite("Its memory limit is {memory_limit}.", limited.evidence_id, memory_limit=limited.limit),
            actions=[_raised(exited.container, limited.workload, limited.limit, None, limited.evidence_id)],
            missing=["the kernel log of the node, which shows why it was killed"],
        )


def _level_of_kill_alone(seen: Container) -> Level:
    """How likely memory is when only the kill is known. A probe may have killed it, and its Event may be lost."""
    may_be_probe = bool(seen.spec.get("livenessProbe") or seen.spec.get("startupProbe"))
    return Level.POSSIBLE if seen.restarts < 2 or may_be_probe else Level.LIKELY


def _node_out_of_memory(case: Case, focus: Focus, seen: Container, killed: str) -> Iterator[Hypothesis]:
    """A container without a limit: the kernel chose it because the node had no memory left."""
    node = case.snap.find("Node", None, seen.pod.text("spec.nodeName"))
    if node is None:
        return
    requested, placed = _memory_id(case, seen), case.book.fields(seen.pod, "spec", "nodeName")
    advice = actions.advice("Set memory requests and limits", "Then the scheduler does not place more on the node than fits.", requested)
    yield focus.hypothesis(
        "node_pressure",
        node,
        Level.LIKELY,
        cite("The kernel killed container {container} for memory: {reason}.", killed, container=seen.name, reason="OOMKilled"),
        cite("It has no memory limit, so node {node} ran out of memory.", requested, placed, node=node.name),
        actions=[advice],
    )


def _memory_id(case: Case, seen: Container) -> str:
    return spec_id(case, seen, "resources.limits.memory", "resources.requests.memory")


_HEAP = re.compile(r"-Xmx(\d+)([kmgKMG]?)\b|--max[-_]old[-_]space[-_]size=(\d+)")
_UNITS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30}


def _heap(case: Case, seen: Container, limit: str) -> tuple[int, Sentence] | None:
    """(bytes, why) when a language's own heap may grow to the container's limit and beyond."""
    bound = quantities.read_bytes(limit)
    places = [(f"env[{index}]", variable.get("value")) for index, variable in seen.pod.indexed(f"{seen.spec_path}.env")]
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
    new, old = quantities.read_bytes(after), quantities.read_bytes(before)
    return new is not None and (old is None or new < old)


def _raised(seen: Container, workload: SnapshotObject, limit: str | None, before: object, *evidence_ids: str) -> Action | None:
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
    rule(killed_without_reason, {CRASH, JOB}, {"memory_limit_too_low", "memory_limit_lowered"}),
    rule(child_killed, {LOGGING}, {"memory_limit_too_low"}),
)
