"""Why the requests of a workload take longer than usual: down the calls to the last workload that is slow, and then what is slow in it.

A slow workload that calls a slow one waits for it, if that is slower by enough. One that calls only what is as fast as usual is slow
itself: its CPU, its nodes, its network, its new version, its load. Of what it calls, nothing may be unknown for "slow itself" to be the
answer; a sign of its own counts all the same, on a lower level.

Where it is not known which workload calls which, the durations tell: a callee answers before its caller. Of the workloads whose median
request is slow, the one that answers first is the one that the others may wait for.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from statistics import median
from typing import NamedTuple

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Action, Hypothesis, Sentence
from optral.analysis.reading.case import Case, Focus, cite
from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.remedies import actions
from optral.analysis.rules import usage
from optral.analysis.rules.requests import Called, Served, called, ms, of_workload, rates
from optral.analysis.rules.rule import SATURATED, SLOW, THROTTLED, rule
from optral.kube import traffic
from optral.kube.kinds import WORKLOAD_TRAFFIC
from optral.kube.objects.traffic import PodTraffic

MAX_DEPTH, MAX_BRANCHES = 6, 3
TIMES_SLOWER = 2  # pods of one side against those of the other
SENT_AGAIN = 1 / 50
RISEN = 3 / 2
STEADY = 0.9  # of the packets that were sent before
SINCE_ROLLOUT_S = 1800
CAUSES = {
    "slow_new_version",
    "slow_on_one_node",
    "segments_sent_again",
    "slow_network_of_pods",
    "more_requests_than_it_can_serve",
    "slow_itself",
    "cpu_limit_too_low",
    "node_saturated",
}


def slow(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """What makes a workload slow."""
    served = of_workload(case, focus.obj)
    if served is not None and not served.is_fast:
        yield from _walk(case, focus, served, seen=frozenset())


def _walk(case: Case, focus: Focus, served: Served, *, seen: frozenset[str]) -> Iterator[Hypothesis]:
    seen |= {served.workload.uid}
    all_called = called(case, served.workload)
    waits_for = [(one, one.served) for one in all_called if one.served is not None and _explains(one.served, served)]
    further = [(one, below) for one, below in waits_for if below.workload.uid not in seen]
    if not further or len(seen) >= MAX_DEPTH:
        first = None if waits_for else _answers_first(case, served, all_called)
        if first is None or first.workload.uid in seen or len(seen) >= MAX_DEPTH:
            yield from _own(case, focus, served, all_called)
        else:
            yield from _walk(case, focus.next(SLOW, first.workload, _may_wait(case, served, first)), first, seen=seen)
        return
    further.sort(key=lambda pair: -pair[1].slowness.more_ms)
    for one, below in further[:MAX_BRANCHES]:
        yield from _walk(case, focus.next(SLOW, below.workload, _waits(case, served, one, below)), below, seen=seen)


def _explains(below: Served, above: Served) -> bool:
    return below.is_slow and traffic.explains(below.status, above.status)


def _waits(case: Case, served: Served, one: Called, below: Served) -> Sentence:
    caller, target = served.workload, below.workload
    text = f"{caller.short_kind} `{caller.name}` calls {target.short_kind} `{target.name}`, whose requests take longer too: "
    text += f"at least `{ms(below.slowness.level_ms)}`, usually `{ms(below.slowness.usual_ms)}`."
    return cite(text, one.address.evidence_id, served.shown(case), below.shown(case))


def _answers_first(case: Case, served: Served, all_called: list[Called]) -> Served | None:
    """The workload that this one may wait for, where it is not known what it calls."""
    if all_called and not any(one.is_unclear for one in all_called):
        return None
    slow = case.once(_slow_throughout, served.workload.namespace)
    first = slow[0] if slow else None
    is_it = first is None or first.workload.uid == served.workload.uid or not traffic.explains(first.status, served.status)
    return None if is_it else first


def _slow_throughout(case: Case, namespace: str | None) -> list[Served]:
    """The workloads of a namespace of which the median request is slow, those that answer first, first."""
    reports = (report.owner() for report in case.snap.all(WORKLOAD_TRAFFIC.id, namespace))
    workloads = (case.snap.at(owner) for owner in reports if owner is not None)
    known = [found for one in workloads if one is not None and (found := of_workload(case, one)) is not None]
    slow = [found for found in known if found.is_slow and traffic.is_slow_throughout(found.status)]
    return sorted(slow, key=lambda found: (found.status.latency.p50_ms or 0, found.slowness.level_ms, found.workload.name))


def _may_wait(case: Case, served: Served, first: Served) -> Sentence:
    caller, target = served.workload, first.workload
    text = (
        f"It is not known what {caller.short_kind} `{caller.name}` calls. Of the workloads in its namespace whose median request is slow, "
    )
    text += (
        f"{target.short_kind} `{target.name}` answers first, after `{ms(first.status.latency.p50_ms or 0)}`; the others may wait for it."
    )
    return cite(text, served.shown(case), first.shown(case))


class _Own(NamedTuple):
    """A slow workload that waits for nothing that is known to be slow."""

    served: Served
    level: Level
    sentences: tuple[Sentence, ...]
    missing: tuple[str, ...]


def _own(case: Case, focus: Focus, served: Served, all_called: list[Called]) -> Iterator[Hypothesis]:
    unclear = [one for one in all_called if one.is_unclear]
    found = _Own(
        served,
        Level.LIKELY if unclear else Level.STRONG,
        (_slower(case, served), *_callees_are_fast(case, served, [one for one in all_called if not one.is_unclear])),
        tuple(_missing(one) for one in unclear),
    )
    signs = [
        *_throttled(case, focus, found),
        *_by_node(case, focus, found),
        *_by_revision(case, focus, found),
        *_sent_again(case, focus, found),
    ]
    signs = signs or list(_network_of_pods(case, focus, found))
    signs = signs or list(_after_rollout(case, focus, found)) or list(_more_requests(case, focus, found))
    yield from signs or _itself(case, focus, found, has_callees=bool(all_called))


def _missing(one: Called) -> str:
    if one.served is None:
        return f"how long requests to {one.name} take, which Prometheus does not count or which cannot be proven to be its own"
    return f"whether it waits for {one.name}, whose requests take longer than usual too"


def _slower(case: Case, served: Served) -> Sentence:
    words = "For ten minutes the 95th percentile of requests to " + served.workload.short_kind + " `" + served.workload.name + "` has been "
    words += "at least {current}, and it is usually {previous}."
    return cite(words, served.shown(case), current=ms(served.slowness.level_ms), previous=ms(served.slowness.usual_ms))


def _callees_are_fast(case: Case, served: Served, fast: list[Called]) -> Iterator[Sentence]:
    """One sentence about all that it calls and that is as fast as usual."""
    known = [(one, one.served) for one in fast if one.served is not None]
    if known:
        names = ", ".join(f"`{one.name}` (`{ms(below.status.latency.p95_ms or 0)}`)" for one, below in known[:4])
        text = "; ".join(f"{one.name}: 95th percentile now {ms(below.status.latency.p95_ms or 0)}, as usual" for one, below in known[:4])
        compared = case.book.metric(served.workload.ref, "requests of what it calls", text, at=served.status.observed_at)
        yield cite(f"What it calls is as fast as usual: {names}.", compared, *(below.shown(case) for _, below in known[:4]))


def _hypothesis(
    focus: Focus,
    found: _Own,
    cause: str,
    subject: SnapshotObject,
    level: Level,
    *sentences: Sentence,
    remedies: list[Action | None],
) -> Hypothesis:
    said = (*found.sentences, *sentences)
    return focus.hypothesis(cause, subject, level, *said, actions=remedies, missing=found.missing)


# --- signs of its own


def _throttled(case: Case, focus: Focus, found: _Own) -> Iterator[Hypothesis]:
    """Its containers are throttled, or the nodes of its slowest pods have nothing left: what the kubelets measure."""
    via = replace(focus, via=(*focus.via, *found.sentences))
    for one in usage.throttled(case, replace(via, symptom=THROTTLED, container=None, obj=found.served.workload)):
        yield replace(one, level=min(one.level, found.level), missing=found.missing)
    for name in dict.fromkeys(pod.node for pod in _known(found.served.status.pods)[:3]):
        if (node := case.snap.find("Node", None, name)) is not None:
            for one in usage.node_saturated(case, via.next(SATURATED, node)):
                yield replace(one, level=min(one.level, found.level.lowered()), missing=found.missing)


def _known(pods: Iterable[PodTraffic]) -> list[PodTraffic]:
    """The pods with enough requests, the slowest first."""
    return sorted((pod for pod in pods if pod.p95_ms and pod.node), key=lambda pod: (-pod.p95_ms, pod.name))


class _Sides(NamedTuple):
    """Pods of two sides, with the median of their 95th percentiles."""

    slow: list[PodTraffic]
    slow_ms: float
    others: list[PodTraffic]
    others_ms: float

    def shown(self, case: Case, found: _Own, what: str) -> str:
        text = "; ".join(
            f"{counted_by}: {', '.join(f'{pod.name} {ms(pod.p95_ms)}' for pod in pods[:4])}, median {ms(middle)}"
            for counted_by, pods, middle in ((what, self.slow, self.slow_ms), ("others", self.others, self.others_ms))
        )
        return case.book.metric(found.served.workload.ref, "requests by pod", text, at=found.served.status.observed_at)


def _split(found: _Own, slow: list[PodTraffic], others: list[PodTraffic]) -> _Sides | None:
    """The two sides, if every pod of the one is slow and the others are as fast as usual."""
    if not slow or not others:
        return None
    usual = found.served.slowness.usual_ms
    sides = _Sides(slow, median(pod.p95_ms for pod in slow), others, median(pod.p95_ms for pod in others))
    is_fast = sides.others_ms <= max(traffic.FAST_TIMES * usual, usual + traffic.FAST_MORE_MS)
    is_apart = min(pod.p95_ms for pod in slow) >= TIMES_SLOWER * max(pod.p95_ms for pod in others)
    return sides if is_fast and is_apart else None


def _by_node(case: Case, focus: Focus, found: _Own) -> Iterator[Hypothesis]:
    """Only its pods on one node are slow, and those of other nodes are not."""
    pods = _known(found.served.status.pods)
    if not pods:
        return
    place = pods[0].node
    sides = _split(found, [pod for pod in pods if pod.node == place], [pod for pod in pods if pod.node != place])
    node = case.snap.find("Node", None, place)
    if sides is None or node is None or len({pod.revision for pod in pods}) > 1:
        return
    shown = sides.shown(case, found, f"on node {place}")
    words = f"Only its pods on node {{node}} are slow, at `{ms(sides.slow_ms)}`; those on other nodes take `{ms(sides.others_ms)}`."
    remedies: list[Action | None] = [actions.cordon(node, "Its pods start on other nodes, where they are fast.", shown)]
    yield _hypothesis(focus, found, "slow_on_one_node", node, found.level, cite(words, shown, node=place), remedies=remedies)


def _by_revision(case: Case, focus: Focus, found: _Own) -> Iterator[Hypothesis]:
    """Only its pods of the newest revision are slow, and those of the one before are not."""
    sides = _split(found, *_revisions(case, found))
    if sides is None:
        return
    shown = sides.shown(case, found, "of the newest revision")
    words = (
        "Only its pods of the newest revision are slow, at "
        + f"`{ms(sides.slow_ms)}`; those of the revision before take `{ms(sides.others_ms)}`."
    )
    yield _new_version(case, focus, found, found.level, cite(words, shown), shown)


def _revisions(case: Case, found: _Own) -> tuple[list[PodTraffic], list[PodTraffic]]:
    """Its pods of the newest revision, and the others."""
    newest = case.newest_revision(found.served.workload)
    own = {pod.uid for pod in case.snap.owned(newest, "Pod")} if newest is not None else set()
    pods = _known(found.served.status.pods)
    return [pod for pod in pods if pod.uid in own], [pod for pod in pods if pod.uid not in own]


def _after_rollout(case: Case, focus: Focus, found: _Own) -> Iterator[Hypothesis]:
    """It has been slow since its newest revision took over, within half an hour; there are no other pods to compare with."""
    newest = case.newest_revision(found.served.workload)
    began = case.question.since
    if newest is None or newest.created_at is None or began is None or case.earlier_revision(found.served.workload) is None:
        return
    if _revisions(case, found)[1]:
        return
    age_s = (began - newest.created_at).total_seconds()
    if not 0 <= age_s <= SINCE_ROLLOUT_S:
        return
    shown = case.book.fields(newest, "metadata", "name", "creationTimestamp")
    words = f"Its newest revision `{newest.name}` started within half an hour before that."
    yield _new_version(case, focus, found, found.level.lowered(), cite(words, shown), shown)


def _new_version(case: Case, focus: Focus, found: _Own, level: Level, sentence: Sentence, shown: str) -> Hypothesis:
    workload = found.served.workload
    images = [
        cite("The newest revision runs image `" + str(change.after) + "` instead of `" + str(change.before) + "`.", change.evidence_id)
        for change in case.changes(workload)
        if change.path.endswith("/image")
    ][:1]
    remedies = [actions.rollback(case, workload, shown)]
    return _hypothesis(focus, found, "slow_new_version", workload, level, sentence, *images, remedies=remedies)


def _sent_again(case: Case, focus: Focus, found: _Own) -> Iterator[Hypothesis]:
    """A node of its pods sends many TCP segments again."""
    for one in found.served.status.nodes:
        node = case.snap.find("Node", None, one.name)
        if one.retransmit_share < SENT_AGAIN or node is None:
            continue
        share = f"{100 * one.retransmit_share:.0f} %"
        text = f"{share} of the TCP segments of node {one.name} were sent again in five minutes"
        shown = case.book.metric(found.served.workload.ref, "TCP segments of its nodes", text, at=found.served.status.observed_at)
        said = cite("Node {node}, on which it runs, retransmitted {share} of its TCP segments.", shown, node=one.name, share=share)
        remedies: list[Action | None] = [actions.cordon(node, "Its pods start on nodes whose connections lose less.", shown)]
        yield _hypothesis(focus, found, "segments_sent_again", node, found.level.lowered(), said, remedies=remedies)


def _network_of_pods(case: Case, focus: Focus, found: _Own) -> Iterator[Hypothesis]:
    """Its pods answer fewer requests and send no fewer packets: their connections send again, wait and are kept alive."""
    known, pods = rates(found.served), found.served.status.pods
    counted = [(pod.sent_before_per_second, pod.sent_per_second) for pod in pods]
    before, since = (sum(packets[place] or 0 for packets in counted if all(packets)) for place in (0, 1))
    if known is None or not before or since < STEADY * before or since * known[0] < RISEN * before * known[1]:
        return
    workload = found.served.workload
    text = f"{before:.0f} packets sent per second for {known[0]:.1f} requests an hour before, {since:.0f} for {known[1]:.1f} since"
    shown = case.book.metric(workload.ref, "packets of its pods", text, at=found.served.status.observed_at)
    words = f"Its pods send `{since:.0f}` packets per second for {{current}} requests, and sent `{before:.0f}` for {{previous}} before."
    said = cite(words, shown, current=f"{known[1]:.1f}", previous=f"{known[0]:.1f}")
    why = cite("Neither a CPU limit nor a node explains it, so their network may be slow.", shown, found.served.shown(case))
    remedies: list[Action | None] = [
        actions.advice(
            "Check what delays the traffic of its pods: traffic control on their interfaces, proxies, the CNI", "It is slow.", shown
        ),
        actions.restart(workload, "New pods have new interfaces; where they are slow too, look at their nodes.", shown),
    ]
    level = found.level.lowered()
    yield _hypothesis(focus, found, "slow_network_of_pods", workload, level, said, why, remedies=remedies)


def _more_requests(case: Case, focus: Focus, found: _Own) -> Iterator[Hypothesis]:
    """Its requests rose together with how long they take."""
    known = rates(found.served)
    if known is None or known[0] <= 0 or known[1] < RISEN * known[0]:
        return
    before, since = (f"{rate:.1f} requests per second" for rate in known)
    workload = found.served.workload
    shown = case.book.metric(workload.ref, "requests per second", f"{before} before, {since} since", at=found.served.status.observed_at)
    said = cite(f"At the same time the number of its requests rose from `{before}` to `{since}`.", shown)
    replicas = workload.number("spec.replicas", 1)
    wanted = min(round(replicas * known[1] / known[0]), 10 * replicas)
    remedies = [actions.scale(workload, max(replicas + 1, wanted), "Each replica gets as many requests as before.", shown)]
    level = found.level.lowered()
    yield _hypothesis(focus, found, "more_requests_than_it_can_serve", workload, level, said, remedies=remedies)


def _itself(case: Case, focus: Focus, found: _Own, *, has_callees: bool) -> Iterator[Hypothesis]:
    """Nothing else shows why: the application waits inside of itself, or its network does, which what is measured does not tell apart.

    What it calls may be named in a file that is not read, so without any call the answer is less certain.
    """
    level = Level.HINT if found.missing else Level.PLAUSIBLE if has_callees else Level.POSSIBLE
    shown = found.served.shown(case)
    said = cite("The measurements do not show whether the time is spent in the application or in the network of its pods.", shown)
    remedies: list[Action | None] = [
        actions.advice("Take a profile of the application while it is slow", "It shows whether the time is spent inside of it.", shown),
        actions.restart(found.served.workload, "A restart releases what the application holds, but does not fix the reason.", shown),
    ]
    yield _hypothesis(focus, found, "slow_itself", found.served.workload, level, said, remedies=remedies)
    yield _hypothesis(focus, found, "slow_network_of_pods", found.served.workload, level.lowered(), said, remedies=[])


RULES = (rule(slow, {SLOW}, CAUSES),)
