"""A pod that no node accepts: the scheduler's filters are applied again to the snapshot, node by node.

The scheduler's message counts the nodes that each filter excluded, but not which filter matters: control-plane nodes always add a taint,
and a cordoned node may also be excluded by a selector. So nodes are removed filter by filter, and the filter that removes the last one is
the cause. What no node could ever offer (a label, a request larger than any node) comes before what can change (a cordon, other pods).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple, cast

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Action, Hypothesis, Sentence
from optral.analysis.reading.case import Case, Focus, cite
from optral.analysis.reading.snapshot import Listing, SnapshotObject, dig
from optral.analysis.remedies import actions
from optral.analysis.rules import nodes, scheduler_messages
from optral.analysis.rules.quotes import changed, quote
from optral.analysis.rules.rule import NODE, SCHEDULING, rule
from optral.analysis.rules.scheduling_filters import ANTI_AFFINITY, Filters, allocatable, typed
from optral.kit.words import plural
from optral.kube import placement, quantities, requests
from optral.kube.names import nearest
from optral.kube.objects import PersistentVolume
from optral.kube.reports import nodes as node_reports, pods, scheduler
from optral.kube.reports.scheduler import Blocker


def unschedulable(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The scheduler reports that it found no node."""
    pod = focus.obj
    path, scheduled = pod.condition(pods.SCHEDULED)
    if scheduled.get("status") != "False":
        return
    condition = case.book.fields(pod, path, "reason", "message")
    if (listing := case.snap.listed("Node")) is not None and listing.objects:
        yield from _Unschedulable(case, focus, condition, str(scheduled.get("message") or ""), listing).explain(list(listing.objects))


class _Unschedulable:
    """A pod that no node accepts. `condition` is the evidence of the scheduler's `message`."""

    def __init__(self, case: Case, focus: Focus, condition: str, message: str, listing: Listing) -> None:
        self.case, self.focus, self.pod, self.condition, self.message = case, focus, focus.obj, condition, message
        self.listing = listing
        self.filters = Filters(case, self.pod)
        self.spec = self.filters.spec
        self.workload = case.workload(self.pod)
        self.clauses = scheduler_messages.relevant(scheduler.clauses(message))
        self.opening = cite(f"Pod `{self.pod.name}` cannot be scheduled.", condition)
        self.tie: list[Sentence] = []

    def explain(self, nodes: list[SnapshotObject]) -> Iterator[Hypothesis]:
        """What no node could ever offer first, then the filters of `_STEPS`."""
        workers = [node for node in nodes if not self.filters.is_reserved(node)] or nodes
        matching = [node for node in workers if self.filters.matches(node)]
        if not matching:
            yield from self._no_match(nodes, workers)
            return
        reachable = [node for node in matching if self.filters.reaches_volumes(node)]
        if not reachable:
            yield from self._by_clause(Blocker.VOLUME_NODE_AFFINITY)
            return
        if len(reachable) < len(matching):  # the message counts the other nodes
            self.clauses = [clause for clause in self.clauses if clause.blocker is not Blocker.VOLUME_NODE_AFFINITY]
            self.tie = [self._bound(volume, claim) for volume, claim in self.filters.local_volumes()][:1]
        yield from self._among(reachable)

    def _among(self, nodes: list[SnapshotObject]) -> Iterator[Hypothesis]:
        """Nodes with the right labels and volumes: too small for the pod, cordoned, or excluded by what can change."""
        wanted = self.filters.requests
        too_large = [name for name in wanted if not any(self.filters.is_large_enough(node, name) for node in nodes)]
        if too_large:
            yield from (self._too_large(name, nodes) for name in too_large)
        elif cordoned := self.filters.only_cordoned(nodes):
            yield from self._cordoned(cordoned)
            yield from (_as_hint(hypothesis) for hypothesis in self._tainted(nodes, Level.PROVEN))
        else:
            yield from self._filter_by_filter(nodes)

    def _no_match(self, nodes: list[SnapshotObject], workers: list[SnapshotObject]) -> Iterator[Hypothesis]:
        """No ordinary node has the labels; the pod may be intended for nodes of the control plane."""
        reserved = [node for node in nodes if node not in workers and self.filters.matches(node)]
        selects_reserved = bool(reserved) and not placement.only_avoids(self.spec)
        if selects_reserved:
            yield from self._tainted(reserved, Level.STRONG)
        yield self._no_label(nodes, Level.LIKELY if selects_reserved else Level.PROVEN)

    def _filter_by_filter(self, left: list[SnapshotObject]) -> Iterator[Hypothesis]:
        """The filter that removes the last node is the cause; one that removes only some is a hint."""
        for step in _STEPS:
            passing = step.passing(self.filters, left)
            if not passing:
                yield from step.explain(self, left)
                return
            if len(passing) < len(left):
                yield from (_as_hint(hypothesis) for hypothesis in step.explain(self, [node for node in left if node not in passing]))
            left = passing
        yield from self._by_message()

    # --- causes

    def _hypothesis(
        self, cause: str, level: Level, *sentences: Sentence, remedy: Action | None = None, subject: SnapshotObject | None = None
    ) -> Hypothesis:
        back = actions.rollback(self.case, self.workload) if self.case.fails_only_in_newest_revision(self.workload) else None
        return self.focus.hypothesis(
            cause, subject or self.workload, level, self.opening, *sentences, *self.tie, actions=[back if subject is None else None, remedy]
        )

    def _no_label(self, nodes: list[SnapshotObject], level: Level) -> Hypothesis:
        pod, selector = self.pod, self.spec.node_selector
        if selector and not any(placement.has_labels(typed(node), selector) for node in nodes):
            declared = self.case.book.object(pod, "spec.nodeSelector")
            found = self._similar_label(nodes, selector)
            return self._hypothesis(
                "node_selector_mismatch",
                level,
                self._unmet(
                    "No node has the label {label} that it selects.", selector, nodes, declared, self._no_node_has(nodes, selector)
                ),
                *found,
                remedy=actions.advice("Correct the node selector, or label a node", "No node has these labels.", declared),
            )
        declared = self.case.book.object(pod, "spec.affinity.nodeAffinity")
        if not pod.map("spec.affinity.nodeAffinity"):
            declared = self.case.book.object(pod, "spec.nodeSelector")
            return self._hypothesis(
                "node_selector_mismatch",
                level.lowered(),
                self._unmet("No node that it could use has the label {label} that it selects.", selector, nodes, declared),
            )
        if placement.only_avoids(self.spec):
            words = cite("Its required node affinity excludes every node that accepts ordinary pods.", declared)
            words = self._term(declared, [node for node in nodes if not self.filters.is_reserved(node)]) or words
            return self._hypothesis(
                "node_affinity_mismatch",
                level,
                words,
                remedy=actions.advice("Correct the affinity", "It excludes too many nodes.", declared),
            )
        return self._hypothesis(
            "node_affinity_mismatch",
            level,
            cite("No node matches its required node affinity.", declared, self._no_node_has(nodes, {})),
            *([term] if (term := self._term(declared, nodes)) is not None else []),
            remedy=actions.advice("Correct the affinity, or label a node", "No node matches it.", declared),
        )

    def _unmet(self, words: str, selector: Mapping[str, str], nodes: list[SnapshotObject], *evidence_ids: str) -> Sentence:
        """The first selected label that no node has; the first of all where each is on some node."""
        unmet = [key for key, value in selector.items() if all(node.labels.get(key) != value for node in nodes)]
        key = next(iter(unmet or selector), "")
        shown = self.case.book.relation(self.pod.ref, "spec.nodeSelector", f"{key}={selector.get(key, '')}")
        return cite(words, *evidence_ids, shown, label=f"{key}={selector.get(key, '')}")

    def _term(self, declared: str, nodes: list[SnapshotObject]) -> Sentence | None:
        """The first expression of its required node affinity that none of these nodes meets."""
        if (term := placement.unmet(self.spec, map(typed, nodes))) is None:
            return None
        listed = f" ({', '.join(term.values[:5])})" if term.values else ""
        text = f"{term.key} {term.operator}{listed}"
        shown = self.case.book.relation(self.pod.ref, "spec.affinity.nodeAffinity", f"no node meets {text}")
        return cite("No node meets the term {label}.", declared, shown, label=text)

    def _no_node_has(self, nodes: list[SnapshotObject], selector: Mapping[str, Any]) -> str:
        wanted = ", ".join(f"{key}={value}" for key, value in selector.items()) or "the required terms"
        return self.case.book.absence(self.listing, self.pod.ref, "nodes", f"none of {len(nodes)} nodes has {wanted}")

    def _similar_label(self, nodes: list[SnapshotObject], selector: Mapping[str, Any]) -> list[Sentence]:
        for key, wants in selector.items():
            values = {node.labels[key]: node for node in nodes if key in node.labels}
            near = nearest(str(wants), values)
            if near is None and len(values) == 1:
                near = next(iter(values))
            if near is not None and near != wants:
                node = values[near]
                labels = self.case.book.relation(node.ref, "metadata.labels", f"{key}={near}")
                return [cite(f"Node `{node.name}` has the label `{key}={near}`.", labels)]
            other = nearest(key, {label for node in nodes for label in node.labels})
            if other is not None:
                node = next(node for node in nodes if other in node.labels)
                labels = self.case.book.relation(node.ref, "metadata.labels", f"{other}: {node.labels[other]}")
                return [cite(f"Node `{node.name}` has the label `{other}`.", labels)]
        return []

    def _too_large(self, name: str, nodes: list[SnapshotObject]) -> Hypothesis:
        declared, sentence = self._request(name)
        largest = max(nodes, key=lambda node: allocatable(node, name))
        offer = self.case.book.fields(largest, "status.allocatable", name)
        has = largest.get("status.allocatable") or {}
        sentences = [sentence]
        if name in has:
            words = "The largest suitable node, {node}, has {capacity}."
            capacity = _capacity(largest, name)
            shown = self.case.book.relation(largest.ref, f"allocatable {name}", capacity)
            sentences.append(cite(words, offer, shown, node=largest.name, capacity=capacity))
        else:
            sentences.append(cite(f"No node has `{name}`.", declared, self._no_node_has(nodes, {name: "any"})))
        change = self.case.changed(self.workload, f"requests/{name}")
        if change is not None:
            sentences.append(changed("The request", change))
        title = f"Lower the request for {_label(name)}, or add a larger node"
        remedy = actions.set_request(self.workload, self._largest(name), name, title, "It is more than any node has.", declared, offer)
        return self._hypothesis(_cause(name), Level.PROVEN, *sentences, remedy=remedy)

    def _largest(self, name: str) -> str:
        """The container that requests most of the resource; "" where none does."""
        found = [container for container in requests.long_running(self.spec) if name in container.resources.requests]
        return max(found, key=lambda one: requests.amount(one.resources.requests, name)).name if found else ""

    def _request(self, name: str) -> tuple[str, Sentence]:
        """(evidence id, sentence) of the request as it is written; of each container where several request the resource."""
        pod = self.pod
        found = [(container.name, container.resources.requests.get(name)) for container in requests.long_running(self.spec)]
        amounts = [(container, value) for container, value in found if value is not None]
        if len(amounts) < 2:
            declared = _requests_id(self.case, pod, name)
            return declared, cite(f"It requests {{request}} of {_label(name)}.", declared, request=amounts[0][1] if amounts else "1")
        listed = ", ".join(f"{container}: {value}" for container, value in amounts)
        declared = self.case.book.relation(pod.ref, f"requests of {name}", listed)
        return declared, cite(f"Its containers request {_label(name)}: {{request}}.", declared, request=listed)

    def _full(self, nodes: list[SnapshotObject]) -> Iterator[Hypothesis]:
        short: dict[str, int] = {}
        for node in nodes:
            for name in self.filters.short_of(node):
                short[name] = short.get(name, 0) + 1
        for name, count in sorted(short.items(), key=lambda item: -item[1]):
            declared = self._request(name)[1]
            booked = self.case.book.relation(
                self.pod.ref,
                f"free {name}",
                f"{count} of {len(nodes)} suitable nodes have too little {name} left beside what their pods request",
            )
            fits = len(nodes)
            yield self._hypothesis(
                _cause(name),
                Level.PROVEN if count == fits else Level.LIKELY,
                declared if name != "pods" else cite("It needs room for one more {request}.", self.condition, request="pod"),
                cite(_shortage(count, fits), booked, count=count),
                remedy=actions.advice(f"Free {_label(name)}, lower the request, or add a node", "All suitable nodes are full.", booked),
            )

    def _cordoned(self, nodes: list[SnapshotObject]) -> Iterator[Hypothesis]:
        for node in nodes[:3]:
            mark = self.case.book.fields(node, "spec", "unschedulable")
            declared = self.case.book.object(self.pod, "spec.nodeSelector")
            yield self._hypothesis(
                "node_cordoned",
                Level.PROVEN,
                cite("Node {node} matches but is cordoned.", mark, declared, node=node.name),
                remedy=actions.uncordon(node, "It would accept the pod.", mark),
            )
            return

    def _tainted(self, left: list[SnapshotObject], level: Level = Level.PROVEN) -> Iterator[Hypothesis]:
        for node in left:
            refused = self.filters.untolerated(node)
            if refused is None:
                continue
            index, taint = refused
            mark = self.case.book.object(node, f"spec.taints[{index}]")
            tolerated = self.case.book.object(self.pod, "spec.tolerations")
            words = "Node {node} matches but has the taint {taint}, which the pod does not tolerate."
            sentence = cite(words, mark, tolerated, node=node.name, taint=taint.key)
            if taint.key in node_reports.FAULT_TAINTS:
                way = self.focus.next(NODE, node, self.opening, sentence, lower=Level.PROVEN - level)
                yield from nodes.not_ready(self.case, way)
            else:
                yield self._hypothesis(
                    "untolerated_taint",
                    level,
                    sentence,
                    remedy=actions.advice(
                        "Add a toleration, or remove the taint", "The taint keeps the pod off the node.", mark, tolerated
                    ),
                )
            return

    def _host_port_taken(self, nodes: list[SnapshotObject]) -> Iterator[Hypothesis]:
        port = next(iter(sorted(placement.host_ports(self.spec))))
        taken = self.case.book.relation(self.pod.ref, "hostPort", f"hostPort {port} is in use on {len(nodes)} suitable nodes")
        words = cite("Host port {port} is in use on every suitable node.", taken, port=port)
        yield self._hypothesis(
            "host_port_conflict",
            Level.PROVEN,
            words,
            remedy=actions.advice(
                f"Use a host port other than {port}, run fewer replicas, or use a Service instead",
                "Only one pod per node can use it.",
                taken,
            ),
        )

    def _kept_apart(self, nodes: list[SnapshotObject]) -> Iterator[Hypothesis]:
        found = self.filters.kept_off_by(nodes[0])
        if found is None:
            return
        other, index = found
        required = self.case.book.object(self.pod, f"{ANTI_AFFINITY}[{index}]")
        placed = self.case.book.fields(other, "spec", "nodeName")
        counted = self.case.book.relation(self.pod.ref, "anti-affinity", f"excludes all {len(nodes)} nodes that match otherwise")
        yield self._hypothesis(
            "anti_affinity",
            Level.PROVEN,
            cite("It must not share a node with pods such as {pod}.", required, placed, pod=other.name),
            cite("This rules out the only suitable node.", counted)
            if len(nodes) == 1
            else cite("This rules out all {count} suitable nodes.", counted, count=len(nodes)),
            remedy=actions.advice(
                "Lower the replicas, add a node, or use preferred anti-affinity", "No node satisfies the anti-affinity rule.", required
            ),
        )

    def _by_message(self) -> Iterator[Hypothesis]:
        """Every filter that is applied here lets a node through: only the scheduler's message is left, most nodes first."""
        explained: set[Blocker] = set()
        for place, clause in enumerate(sorted(self.clauses, key=lambda clause: -(clause.nodes or 0))):
            if clause.blocker is Blocker.VOLUME_NODE_AFFINITY and len(self.clauses) > 1 and not self.filters.knows_volumes():
                continue  # it excludes some nodes, and which ones is not known
            if clause.blocker in scheduler_messages.BY_BLOCKER and clause.blocker not in explained:
                explained.add(clause.blocker)
                yield from self._by_clause(clause.blocker, what=clause.what, is_first=place == 0)

    def _by_clause(self, blocker: Blocker, *, what: str = "", is_first: bool = True) -> Iterator[Hypothesis]:
        cause, level, reported, remedy = scheduler_messages.BY_BLOCKER[blocker]
        words = f"The scheduler reports {reported}"
        if blocker is Blocker.INSUFFICIENT:
            cause = _cause(what)
        if level <= Level.POSSIBLE and not is_first:  # only the message supports it, and other clauses exclude more nodes
            level = level.lowered()
        more, remedy = self._detail(blocker, remedy)
        details = [id_ for sentence in more for id_ in sentence.evidence_ids]
        yield self._hypothesis(
            cause,
            level,
            quote(words, self.message, self.condition),
            *more,
            remedy=actions.advice(remedy, f"{words}.", self.condition, *details),
        )

    def _detail(self, blocker: Blocker, remedy: str) -> tuple[list[Sentence], str]:
        """The part of the pod that the message is about, and what to do."""
        pod, book = self.pod, self.case.book
        if blocker is Blocker.TOPOLOGY_SPREAD:
            for index, constraint in pod.indexed("spec.topologySpreadConstraints"):
                if constraint.get("whenUnsatisfiable") != "ScheduleAnyway":
                    shown = book.object(pod, f"spec.topologySpreadConstraints[{index}]")
                    words = f"It must be spread over {{topology}} with a maximum skew of `{constraint.get('maxSkew')}`."
                    return [cite(words, shown, topology=constraint.get("topologyKey"))], remedy
        if blocker is Blocker.VOLUME_NODE_AFFINITY:
            for volume, claim in self.filters.local_volumes():
                return [self._bound(volume, claim)], f"Add a node where volume {volume.name} is available, or restore its data elsewhere"
        if blocker is Blocker.HOST_PORT and (taken := sorted(placement.host_ports(self.spec))):
            index = next(n for n, one in enumerate(self.spec.containers) if any(port.host_port == taken[0] for port in one.ports))
            shown = book.object(pod, f"spec.containers[{index}].ports")
            return [cite("It requests host port {port}.", shown, port=taken[0])], f"Free host port {taken[0]}, or use a Service instead"
        return [], remedy

    def _bound(self, volume: SnapshotObject, claim: SnapshotObject) -> Sentence:
        """The claim that ties the pod to some nodes, and which ones."""
        where = placement.place_of(cast(PersistentVolume, volume.typed))
        label = "" if where is None else f"{where.key}={', '.join(where.values[:3])}"
        bound = self.case.book.relation(volume.ref, "spec.nodeAffinity", f"bound to claim {claim.name}; on nodes with {label}")
        words = "Claim {claim} is bound to volume {volume}, which can only be used on "
        if not label:
            return cite(f"{words}some nodes.", bound, claim=claim.name, volume=volume.name)
        return cite(f"{words}nodes with {{label}}.", bound, claim=claim.name, volume=volume.name, label=label)


def _as_hint(hypothesis: Hypothesis) -> Hypothesis:
    return replace(hypothesis, level=Level.HINT)


class _Step(NamedTuple):
    """A filter: the nodes that pass it, and what explains that the others do not."""

    passing: Callable[[Filters, list[SnapshotObject]], list[SnapshotObject]]
    explain: Callable[[_Unschedulable, list[SnapshotObject]], Iterator[Hypothesis]]


_STEPS = (
    _Step(Filters.passing_cordon, _Unschedulable._cordoned),
    _Step(Filters.passing_taints, _Unschedulable._tainted),
    _Step(Filters.passing_room, _Unschedulable._full),
    _Step(Filters.passing_host_ports, _Unschedulable._host_port_taken),
    _Step(Filters.passing_anti_affinity, _Unschedulable._kept_apart),
)
"""What an operator can undo comes first."""


def _requests_id(case: Case, pod: SnapshotObject, name: str) -> str:
    for index, container in pod.indexed("spec.containers"):
        if name in (dig(container, "resources.requests") or {}):
            return case.book.fields(pod, f"spec.containers[{index}]", "name", "resources.requests")
    return case.book.object(pod, "spec.containers[0].resources")


def _shortage(count: int, fits: int) -> str:
    if count == fits:
        return "The only suitable node does not have enough left." if fits == 1 else "None of the {count} suitable nodes has enough left."
    return f"{{count}} of the `{fits}` suitable nodes {'does' if count == 1 else 'do'} not have enough left."


def _cause(name: str) -> str:
    return {"cpu": "insufficient_cpu", "memory": "insufficient_memory"}.get(name, "insufficient_resource")


def _capacity(node: SnapshotObject, resource: str) -> str:
    """What a node offers, as people write it: "2 CPU cores", "23.4Gi"."""
    offers = node.get("status.allocatable") or {}
    cores = quantities.milli_or_none(offers, resource) if resource == "cpu" else None
    size = quantities.bytes_or_none(offers, resource) if resource in ("memory", "ephemeral-storage") else None
    if cores is not None:
        return f"{quantities.human_cores(cores)} CPU {plural(1 if cores == 1000 else 2, 'core')}"
    return str(offers[resource]) if size is None else quantities.human_bytes(size)


def _label(name: str) -> str:
    return {"cpu": "CPU", "memory": "memory", "ephemeral-storage": "ephemeral storage", "pods": "capacity for a pod"}.get(name, f"`{name}`")


_FILTERS = {
    "insufficient_cpu",
    "insufficient_memory",
    "insufficient_resource",
    "node_selector_mismatch",
    "node_affinity_mismatch",
    "untolerated_taint",
    "node_cordoned",
    "anti_affinity",
    "affinity_mismatch",
    "host_port_conflict",
    "volume_node_conflict",
    "node_not_ready",
    "kubelet_unreachable",
    "runtime_not_ready",
    "network_plugin_not_ready",
    "node_pressure",
}
RULES = (rule(unschedulable, {SCHEDULING}, _FILTERS, version=5),)
