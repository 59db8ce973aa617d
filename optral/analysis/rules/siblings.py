"""The other workloads that call the same Service: is the dependency down, or does only this caller not reach it?

A Service whose pods are ready can still be down for everybody, and a dependency that works for its other callers is not the cause. Whether
a caller works is read from its pods: those of a working one are all ready, those of a failing one are not ready at all.
"""

from collections.abc import Iterator
from typing import NamedTuple

from optral.analysis.engine import probing
from optral.analysis.engine.calibration import Level
from optral.analysis.engine.probing import Role
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.reading import calls
from optral.analysis.reading.case import Case, Focus, cite, is_ready
from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.remedies import actions
from optral.analysis.rules import reach
from optral.analysis.rules.exits import Exit

MAX_WORKLOADS = 100
CAUSES = {"dependency_unavailable", "unreachable_for_one_caller"}


class Siblings(NamedTuple):
    """The other callers of a Service, by whether their pods are ready. `evidence_id` holds both lists."""

    working: list[SnapshotObject]
    failing: list[SnapshotObject]
    evidence_id: str

    @property
    def total(self) -> int:
        return len(self.working) + len(self.failing)


def of_service(case: Case, workload: SnapshotObject, service: SnapshotObject) -> Siblings:
    """The workloads of the namespace that call the Service too; those with some pods ready and some not tell nothing and are left out."""
    working, failing = [], []
    for other, addresses in calls.of_workloads(case, workload.namespace, at_most=MAX_WORKLOADS):
        is_own = (other.kind, other.name) == (workload.kind, workload.name)
        if is_own or not any(address.service is not None and address.service.uid == service.uid for address in addresses):
            continue
        ready = [is_ready(pod) for pod in case.live_pods(other)]
        if ready and all(ready):
            working.append(other)
        elif ready and not any(ready):
            failing.append(other)
    names = [
        f"{label}: {', '.join(one.name for one in found[:5])}" for label, found in (("ready", working), ("not ready", failing)) if found
    ]
    text = f"{len(working)} of {len(working) + len(failing)} other callers are ready; {'; '.join(names) or 'there are none'}"
    return Siblings(working, failing, case.book.relation(service.ref, "callers", text))


def compare(case: Case, focus: Focus, exited: Exit, service: SnapshotObject, link: tuple[Sentence, ...]) -> Iterator[Hypothesis]:
    """What the other callers of a Service, which is healthy by its objects, say about a failed connection to it."""
    siblings = of_service(case, exited.workload, service)
    if siblings.working and not siblings.failing:
        yield _only_here(case, focus, exited, service, link, siblings)
    elif siblings.failing and not siblings.working:
        yield _for_all(case, focus, service, link, siblings)


def _for_all(case: Case, focus: Focus, service: SnapshotObject, link: tuple[Sentence, ...], siblings: Siblings) -> Hypothesis:
    words = f"{{count}} of `{siblings.total}` other callers of {{service}} {'is' if siblings.total == 1 else 'are'} not ready either."
    there = case.book.fields(service, "metadata", "name")
    counted = cite(words, siblings.evidence_id, there, count=siblings.total, service=service.name)
    level = Level.LIKELY if siblings.total > 1 else Level.PLAUSIBLE
    asks = probing.of_service(Role.DOWN, service)
    return focus.hypothesis("dependency_unavailable", service, level, *link, counted, actions=[actions.diagnose(service)], asks=asks)


def _only_here(
    case: Case, focus: Focus, exited: Exit, service: SnapshotObject, link: tuple[Sentence, ...], siblings: Siblings
) -> Hypothesis:
    count, verb = len(siblings.working), "is" if len(siblings.working) == 1 else "are"
    words = f"{{count}} of `{siblings.total}` other callers of {{service}} {verb} ready, so it works for them."
    there = case.book.fields(service, "metadata", "name")
    counted = cite(words, siblings.evidence_id, there, count=count, service=service.name)
    differs = list(_differences(case, exited, siblings.working))
    peer = siblings.working[0].name
    title = f"Compare {exited.workload.name} with {peer}: address, port, credentials, DNS policy, NetworkPolicies, sidecar, node"
    if differs:
        title = f"Remove the difference between {exited.workload.name} and {peer}"
    return focus.hypothesis(
        "unreachable_for_one_caller",
        exited.workload,
        Level.LIKELY if differs else Level.PLAUSIBLE,
        *link,
        counted,
        *differs,
        actions=[actions.advice(title, "The dependency works for its other callers.", siblings.evidence_id)],
        asks=probing.of_service(Role.UP, service),
    )


def _differences(case: Case, exited: Exit, working: list[SnapshotObject]) -> Iterator[Sentence]:
    """In what the caller differs from all callers that work: how it resolves names, its sidecar, its node."""
    pod, peers = exited.container.pod, [case.live_pods(workload)[0] for workload in working]
    yield from _dns(case, pod, peers)
    yield from _sidecar(case, pod, peers)
    yield from _node(case, exited, working)


def _dns(case: Case, pod: SnapshotObject, peers: list[SnapshotObject]) -> Iterator[Sentence]:
    own, theirs = _dns_policy(pod), {_dns_policy(peer) for peer in peers}
    if own not in theirs and len(theirs) == 1:
        shown = [case.book.relation(one.ref, "spec.dnsPolicy", _dns_policy(one)) for one in (pod, peers[0])]
        yield cite(f"Its dnsPolicy is `{own}`, that of pod `{peers[0].name}` is `{_dns_policy(peers[0])}`.", *shown)
    if pod.get("spec.dnsConfig") is not None and all(peer.get("spec.dnsConfig") is None for peer in peers):
        yield cite("Only this pod sets dnsConfig.", case.book.object(pod, "spec.dnsConfig"))


def _dns_policy(pod: SnapshotObject) -> str:
    return pod.text("spec.dnsPolicy") or "ClusterFirst"


def _sidecar(case: Case, pod: SnapshotObject, peers: list[SnapshotObject]) -> Iterator[Sentence]:
    own, theirs = reach.mesh_sidecar(pod), [reach.mesh_sidecar(peer) for peer in peers]
    if own == theirs[0] or len(set(theirs)) > 1:
        return
    shown = [case.book.relation(one.ref, "containers", ", ".join(_names(one))) for one in (pod, peers[0])]
    words = (
        f"Pod `{peers[0].name}` has the sidecar `{theirs[0]}`, this pod has none."
        if theirs[0]
        else f"Only this pod has the sidecar `{own}`."
    )
    yield cite(words, *shown)


def has_sidecar(pod: SnapshotObject) -> bool:
    """Whether a proxy of a service mesh runs in the pod."""
    return bool(reach.mesh_sidecar(pod))


def _names(pod: SnapshotObject) -> list[str]:
    return [str(one.get("name")) for field in ("initContainers", "containers") for one in pod.many(f"spec.{field}")]


def _node(case: Case, exited: Exit, working: list[SnapshotObject]) -> Iterator[Sentence]:
    """Its pods are all on one node, where no pod of a caller that works is."""
    nodes = {pod.text("spec.nodeName") for pod in case.live_pods(exited.workload)}
    theirs = {pod.text("spec.nodeName") for workload in working for pod in case.live_pods(workload)}
    if len(nodes) == 1 and "" not in nodes and theirs and not nodes & theirs:
        (node,) = nodes
        counted = case.book.relation(exited.workload.ref, "nodes", f"its pods run on {node}; pods of callers that work run on other nodes")
        yield cite(f"Its pods run only on node `{node}`, where no caller that works has a pod.", counted)
