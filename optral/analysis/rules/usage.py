"""What the kubelets' metrics prove: throttling, how memory reached its limit, full volumes and nodes, slow probes, lost packets."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Action, Hypothesis, Sentence
from optral.analysis.reading.case import Case, Container, Focus, cite, containers
from optral.analysis.reading.snapshot import SnapshotObject, dicts, moment
from optral.analysis.remedies import actions
from optral.analysis.remedies.edits import edit
from optral.analysis.rules import measured
from optral.analysis.rules.containers import container_change, exit_id
from optral.analysis.rules.measured import Measured, cores, percent, size, span
from optral.analysis.rules.quotes import quote
from optral.analysis.rules.rule import FILLING, LIVENESS, NEAR_LIMIT, OOM, READINESS, SATURATED, STARTUP, THROTTLED, rule
from optral.kube.reports.probes import UNHEALTHY

THROTTLED_SHARE, MOSTLY = 1 / 4, 1 / 2  # of the periods
GOOD_FIT = 7 / 10  # R² of a line
STEEP = 1 / 10  # of the limit, or of what there was
LEVEL_CPU = 1 / 4  # CPU that changes by less than this over the time of a trend is level
STEP_MILLIS = 50
AT_MOST_TIMES = 4  # the present limit
SLOW_MS, SLOWER = 250, 2
LOST, LOST_AT_LEAST = 1 / 100, 10  # of the packets
MANY_LOST = 1 / 20  # connections stall: retransmission alone cannot make up for it
FULL, FULL_NODE = 95 / 100, 9 / 10
_TIMEOUTS = ("deadline exceeded", "timeout", "timed out")


def _containers(case: Case, focus: Focus) -> Iterator[tuple[Container, Measured]]:
    """The containers that the focus is about, as far as they are measured; of a workload those of its pods."""
    if focus.container is not None:
        pods, name = [focus.container.pod], focus.container.name
    else:
        pods, name = [focus.obj] if focus.obj.kind == "Pod" else case.live_pods(focus.obj), case.question.container or ""
    for pod in pods:
        for seen in containers(pod):
            if name in ("", seen.name) and (used := measured.of_container(case, pod, seen.name)) is not None:
                yield seen, used


# --- CPU


def throttled(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A container is stopped at its CPU limit; its probes time out because of it."""
    is_probe = focus.symptom != THROTTLED
    for seen, used in _containers(case, focus):
        share, limit = used.number("throttling", "share"), used.number("cpu", "limitMillis")
        if share < (MOSTLY if is_probe else THROTTLED_SHARE) or not limit or (is_probe and not _has_timeout(case, seen)):
            continue
        yield _throttled(case, focus, seen, used, level=Level.LIKELY if is_probe else Level.PROVEN)
        return


def _has_timeout(case: Case, seen: Container) -> bool:
    return bool(_timeouts(case, seen))


def _timeouts(case: Case, seen: Container) -> list[SnapshotObject]:
    """The Events about probes that took too long, the newest first."""
    return [event for event in case.events(seen.pod, UNHEALTHY) if any(words in event.text("message").lower() for words in _TIMEOUTS)]


def _timed_out(case: Case, seen: Container) -> Sentence:
    event = _timeouts(case, seen)[0]
    return quote("Message from the probe that failed", event.text("message"), case.event_id(event, seen.pod))


def _throttled(case: Case, focus: Focus, seen: Container, used: Measured, *, level: Level) -> Hypothesis:
    share, limit, p95 = used.number("throttling", "share"), used.number("cpu", "limitMillis"), used.number("cpu", "p95Millis")
    over = span(used.number("throttling", "windowSeconds"))
    text = f"container {seen.name}: throttled in {percent(share)} of its periods over {over}"
    text += f"; limit {cores(limit)}, 95th percentile {cores(p95)}"
    shown = case.book.metric(seen.pod.ref, f"metrics/{seen.name}/cpu", text, at=used.at)
    workload = case.workload(seen.pod)
    sentences = [
        cite(
            f"Container {{container}} was throttled at its CPU limit of {{limit}} in {{share}} of its periods over `{over}`.",
            shown,
            container=seen.name,
            limit=cores(limit),
            share=percent(share),
        ),
        cite("It uses {usage} (`95th percentile`), all that the limit allows.", shown, usage=cores(p95)),
    ]
    if (change := container_change(case, workload, seen, "limits/cpu")) is not None:
        words = "The limit changed from {previous} to {current}."
        sentences.append(cite(words, change.evidence_id, previous=change.before, current=change.after))
    return focus.hypothesis("cpu_limit_too_low", workload, level, *sentences, actions=[_more_cpu(workload, seen, limit, p95, share, shown)])


def _more_cpu(workload: SnapshotObject, seen: Container, limit: float, p95: float, share: float, shown: str) -> Action:
    """From what it used in the periods in which it was not stopped: at least half as much again, at most four times the limit."""
    wants = max(limit * 3 / 2, p95 / max(1 - share, 1 / AT_MOST_TIMES))
    wanted = cores(min(-(-wants // STEP_MILLIS) * STEP_MILLIS, AT_MOST_TIMES * limit))
    why = "Or remove the limit and keep the request: the request alone decides how CPU is shared."
    index = int(seen.spec_path.rpartition("[")[2].rstrip("]"))
    where = seen.spec_path.split(".")[1].partition("[")[0]
    change = edit(workload, ("spec", "template", "spec", where, index, "resources", "limits", "cpu"), wanted)
    return actions.advice(f"Raise the CPU limit of {seen.name} to {wanted}", why, shown, edit=change)


# --- memory


def memory_grew(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """How the memory of a container came to its limit: steadily (a leak), with the load, or it is simply level."""
    for seen, used in _containers(case, focus):
        limit = used.number("memory", "limitBytes")
        if not limit:
            continue
        if focus.symptom == OOM:
            yield from _before_kill(case, focus, seen, used, limit)
        else:
            yield _near_limit(case, focus, seen, used, limit)
        return


def _before_kill(case: Case, focus: Focus, seen: Container, used: Measured, limit: float) -> Iterator[Hypothesis]:
    run = _killed_run(used, seen)
    first, peak = used.number(*run.first), used.number(*run.peak)
    if not peak or not _rises(used, run.trend, limit, first):
        return
    rate, over = _rate(used, *run.trend)
    text = f"container {seen.name}, run before the last restart: {size(first)} at first, {size(peak)} at its peak"
    text += f", growing by {rate} over {over}; limit {size(limit)}"
    shown = case.book.metric(seen.pod.ref, f"metrics/{seen.name}/memory", text, at=used.at)
    killed = exit_id(case, seen)
    words = "The kernel killed container {container} at its memory limit of {memory_limit}."
    grew = f"Before that its memory grew steadily by {{rate}} over `{over}`, from `{size(first)}` to {{usage}}."
    sentences = (
        cite(words, killed, shown, container=seen.name, memory_limit=size(limit)),
        cite(grew, shown, rate=rate, usage=size(peak)),
    )
    yield _leak(case, focus, seen, Level.PROVEN, limit, shown, sentences)


class _Run(NamedTuple):
    """Where a report has the run that was killed."""

    first: tuple[str, str]
    peak: tuple[str, str]
    trend: tuple[str, ...]


_PREVIOUS = _Run(("previousRun", "firstBytes"), ("previousRun", "peakBytes"), ("previousRun", "trend"))
_PRESENT = _Run(("memory", "firstBytes"), ("memory", "nowBytes"), ("memory", "trend"))


def _killed_run(used: Measured, seen: Container) -> _Run:
    """The previous run; while the newest report is older than the kill, its present run is the one that was killed since."""
    killed_at = moment(seen.exit.get("finishedAt"))
    return _PRESENT if used.at is not None and killed_at is not None and used.at < killed_at else _PREVIOUS


def _near_limit(case: Case, focus: Focus, seen: Container, used: Measured, limit: float) -> Hypothesis:
    now, first, level = used.number("memory", "nowBytes"), used.number("memory", "firstBytes"), used.number("memory", "levelBytes")
    rate, over = _rate(used, "memory", "trend")
    text = f"container {seen.name}: uses {size(now)} of its limit {size(limit)}, for ten minutes at least {size(level)}"
    is_rising = _rises(used, ("memory", "trend"), limit, first)
    text += f", growing by {rate} over {over}" if is_rising else ", level"
    cpu_rate = _cpu_rate(used) if is_rising else 0
    text += f"; CPU grew by {cores(cpu_rate)} per hour to {cores(used.number('cpu', 'nowMillis'))}" if cpu_rate else ""
    shown = case.book.metric(seen.pod.ref, f"metrics/{seen.name}/memory", text, at=used.at)
    base = cite(
        "Container {container} uses {usage} of its memory limit of {memory_limit}.",
        shown,
        container=seen.name,
        usage=size(now),
        memory_limit=size(limit),
    )
    if not is_rising:
        steady = cite(f"For ten minutes it has used at least `{size(level)}`, and it is not growing.", shown)
        return _raise(case, focus, seen, "memory_limit_too_low", Level.STRONG, limit, shown, (base, steady))
    grew = cite(f"It grows steadily by {{rate}}, seen over `{over}`.", shown, rate=rate)
    if cpu_rate:
        load = cite(f"Its CPU usage grew at the same time, by `{cores(cpu_rate)} per hour`.", shown)
        return _raise(case, focus, seen, "memory_follows_load", Level.STRONG, limit, shown, (base, grew, load))
    return _leak(case, focus, seen, Level.STRONG, limit, shown, (base, grew))


def _cpu_rate(used: Measured) -> float:
    """By how many millicores per hour its CPU grew over the time of the trend; 0 where it did not grow much, or not steadily."""
    rate, over_s = used.number("cpu", "trend", "perHour"), used.number("cpu", "trend", "overSeconds")
    is_much = rate * over_s / 3600 > LEVEL_CPU * max(used.number("cpu", "nowMillis"), 1)
    return rate if is_much and used.number("cpu", "trend", "fit") >= GOOD_FIT else 0


def _rises(used: Measured, path: tuple[str, ...], limit: float, first: float) -> bool:
    """Whether it grows steadily, by a share of the limit that matters, over the time that was seen."""
    grown = used.number(*path, "perHour") * used.number(*path, "overSeconds") / 3600
    return used.number(*path, "fit") >= GOOD_FIT and grown >= STEEP * limit and grown >= STEEP * first


def _rate(used: Measured, *path: str) -> tuple[str, str]:
    return f"{size(max(0, used.number(*path, 'perHour')))} per hour", span(used.number(*path, "overSeconds"))


def _leak(case: Case, focus: Focus, seen: Container, level: Level, limit: float, shown: str, sentences: tuple[Sentence, ...]) -> Hypothesis:
    workload = case.workload(seen.pod)
    image = container_change(case, workload, seen, "image")
    words = "The newest revision runs image {image} instead of {previous}."
    more = [] if image is None else [cite(words, image.evidence_id, image=image.after, previous=image.before)]
    remedies = [
        actions.rollback(case, workload, shown) if image is not None else None,
        actions.restart(workload, "It starts again with little memory in use; the leak itself has to be fixed in the application.", shown),
        actions.raise_memory(workload, seen.name, size(limit), shown),
    ]
    return focus.hypothesis("memory_leak", workload, level, *sentences, *more, actions=remedies)


def _raise(
    case: Case, focus: Focus, seen: Container, cause: str, level: Level, limit: float, shown: str, sentences: tuple[Sentence, ...]
) -> Hypothesis:
    workload = case.workload(seen.pod)
    raised = actions.raise_memory(workload, seen.name, size(limit), shown, to=size(limit * 3 / 2))
    return focus.hypothesis(cause, workload, level, *sentences, actions=[raised])


# --- volumes and nodes


def volume_fills(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """How full a claim is, and when it will be full."""
    claim = focus.obj
    used = measured.of_claim(case, claim) if claim.kind == "PersistentVolumeClaim" else None
    if used is None:
        return
    taken, capacity = used.number("usedBytes"), used.number("capacityBytes")
    files, inodes = used.number("inodesUsed"), used.number("inodes")
    text = f"claim {claim.name}: {size(taken)} of {size(capacity)} used ({percent(taken / capacity)}), {files:.0f} of {inodes:.0f} inodes"
    left_s, rate = used.number("fullInSeconds"), f"{size(max(0, used.number('trend', 'perHour')))} per hour"
    text += f"; grows by {rate}, full in {span(left_s)}" if left_s else ""
    shown = case.book.metric(used.obj.ref, f"metrics/volumes/{used.text('name')}", text, at=used.at)
    mounted = cite("Pod `" + used.obj.name + "` writes to it.", shown)
    expand = actions.expand(case, claim, size(2 * capacity), shown)
    if inodes and files >= FULL * inodes > 0 and taken < FULL * capacity:
        words = "Claim {claim} has used {usage} inodes."
        named = cite(words, shown, claim=claim.name, usage=f"{files:.0f} of {inodes:.0f}")
        room = cite(f"Only `{percent(taken / capacity)}` of its space is used.", shown)
        advice = actions.advice("Delete small files, or move to a larger volume", "No new file can be created, however small.", shown)
        yield focus.hypothesis("inodes_exhausted", claim, Level.PROVEN, named, room, mounted, actions=[advice])
        return
    named = cite("Claim {claim} has used {usage}.", shown, claim=claim.name, usage=f"{size(taken)} of {size(capacity)}")
    growth = [cite(f"It grows by {{rate}} and will be full in `{span(left_s)}`.", shown, rate=rate)] if left_s else []
    if taken >= FULL * capacity:
        yield focus.hypothesis("disk_full", claim, Level.PROVEN, named, *growth, mounted, actions=[expand])
    elif left_s:
        yield focus.hypothesis("volume_fills_up", claim, Level.PROVEN, named, *growth, mounted, actions=[expand])


class _Resource(NamedTuple):
    """CPU or memory of a node, by the names that a report has for it."""

    name: str
    level: tuple[str, str]
    capacity: tuple[str, str]
    of_pods: str
    top: str
    amount: str
    write: Callable[[float], str]


_RESOURCES = (
    _Resource("CPU", ("cpu", "levelMillis"), ("cpu", "capacityMillis"), "podsMillis", "topCpu", "cpuMillis", cores),
    _Resource("memory", ("memory", "levelBytes"), ("memory", "capacityBytes"), "podsBytes", "topMemory", "memoryBytes", size),
)


def node_saturated(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A node without CPU or memory left; also as the cause of probes that time out on it."""
    is_probe = focus.symptom != SATURATED
    node = case.snap.find("Node", None, focus.obj.text("spec.nodeName")) if is_probe else focus.obj
    used = measured.of_node(case, node) if node is not None and node.kind == "Node" else None
    if node is None or used is None or (is_probe and (focus.container is None or not _has_timeout(case, focus.container))):
        return
    for resource in _RESOURCES:
        capacity = used.number(*resource.capacity)
        if capacity and used.number(*resource.level) >= FULL_NODE * capacity:
            level = Level.LIKELY if is_probe else Level.PROVEN
            yield _saturated(case, focus, node, used, resource, level)
            return


def _saturated(case: Case, focus: Focus, node: SnapshotObject, used: Measured, resource: _Resource, level: Level) -> Hypothesis:
    write, taken, of_pods = resource.write, used.number(*resource.level), used.number(resource.of_pods)
    usage = f"{write(taken)} of {write(used.number(*resource.capacity))}"
    users = [
        (f"{one.get('namespace')}/{one.get('name')}", amount)
        for one in dicts(used.values.get(resource.top))
        if isinstance(amount := one.get(resource.amount), int)
    ]
    named = ", ".join(f"{name} {write(amount)}" for name, amount in users) or "none"
    text = f"node {node.name}: for ten minutes at least {usage} {resource.name} used, {write(of_pods)} by all of its pods; most by {named}"
    shown = case.book.metric(node.ref, f"metrics/{resource.name.lower()}", text, at=used.at)
    words = f"For ten minutes node {{node}} has used at least {{usage}} of its {resource.name}."
    sentences = [cite(words, shown, node=node.name, usage=usage)]
    if users:
        sentences.append(cite(f"The pod that uses most is `{users[0][0]}`: `{write(users[0][1])}`.", shown))
    if of_pods < taken / 2:
        words = f"All pods of the node together use `{write(of_pods)}`: processes of the node itself use the rest."
        sentences.append(cite(words, shown))
    advice = actions.advice(
        "Move the largest consumer to another node, or limit it",
        "With requests that match what pods use, the scheduler does not place more on a node than fits.",
        shown,
    )
    return focus.hypothesis("node_saturated", node, level, *sentences, actions=[advice])


# --- probes and the network


def slow_probe(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """Probes that time out, while those that succeed take longer than before."""
    seen = focus.container
    if seen is None or not _has_timeout(case, seen):
        return
    for used in measured.parts(case, seen.pod, "probes"):
        took, before = used.number("averageMs"), used.number("baselineMs")
        if used.text("container") != seen.name or not before or took < max(SLOW_MS, SLOWER * before):
            continue
        kind, now, then = used.text("type").lower(), f"{took:.0f} ms", f"{before:.0f} ms"
        text = f"container {seen.name}: successful {kind} probes take {now}, {then} in the hour before; {used.number('failed'):.0f} failed"
        shown = case.book.metric(seen.pod.ref, f"metrics/{seen.name}/probes", text, at=used.at)
        words = "Successful {handler} probes of container `" + seen.name + "` take {current}, and took {previous} before."
        slow = cite(words, shown, handler=kind, current=now, previous=then)
        advice = actions.advice("Find out what the application waits for", "It still responds, so it is slow rather than stopped.", shown)
        workload = case.workload(seen.pod)
        yield focus.hypothesis("application_slow", workload, Level.LIKELY, slow, _timed_out(case, seen), actions=[advice])
        return


def packets_lost(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The interface of the pod drops packets, and its probes time out."""
    seen = focus.container
    used = measured.network(case, seen.pod) if seen is not None and _has_timeout(case, seen) else None
    if seen is None or used is None:
        return
    for way, words in (("rx", "received"), ("tx", "sent")):
        lost, passed = used.number(f"{way}Errors") + used.number(f"{way}Dropped"), used.number(f"{way}Packets")
        if lost < LOST_AT_LEAST or lost < LOST * (lost + passed):
            continue
        share, over = percent(lost / (lost + passed)), span(used.number("windowSeconds"))
        text = f"{lost:.0f} packets lost of those {words} ({share}) over {over}"
        shown = case.book.metric(used.obj.ref, "metrics/network", text, at=used.at)
        said = cite(f"The pod lost {{count}} of the packets {words} ({{share}}) over `{over}`.", shown, count=f"{lost:.0f}", share=share)
        advice = actions.advice(
            "Compare with the other pods of the node", "If they lose packets too, the node's network is at fault.", shown
        )
        level = Level.STRONG if lost >= MANY_LOST * (lost + passed) else Level.LIKELY
        yield focus.hypothesis("packets_lost", used.obj, level, said, _timed_out(case, seen), actions=[advice])
        return


_PROBES = {LIVENESS, READINESS, STARTUP}
RULES = (
    rule(throttled, {THROTTLED, *_PROBES}, {"cpu_limit_too_low"}),
    rule(memory_grew, {NEAR_LIMIT, OOM}, {"memory_leak", "memory_follows_load", "memory_limit_too_low"}),
    rule(volume_fills, {FILLING}, {"disk_full", "inodes_exhausted", "volume_fills_up"}, version=2),
    rule(node_saturated, {SATURATED, *_PROBES}, {"node_saturated"}),
    rule(slow_probe, _PROBES, {"application_slow"}),
    rule(packets_lost, _PROBES, {"packets_lost"}, version=2),
)
