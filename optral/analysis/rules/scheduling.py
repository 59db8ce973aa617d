"""A pod that finds no node: the scheduler's filters are gone through again on the snapshot, node by node.

The scheduler's message counts what ruled nodes out, but not what matters: control-plane nodes always add a taint, and a cordoned node hides
behind a selector. So nodes are removed filter by filter, and the filter that takes the last one is the cause. What no node could ever meet
(a label nobody has, a request larger than any node) comes before what only happens to be so now (a cordon, other pods).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

from optral.analysis import actions
from optral.analysis.calibration import Level
from optral.analysis.case import Case, Focus, cite
from optral.analysis.model import Action, Hypothesis, Sentence
from optral.analysis.rules import nodes, scheduler_messages
from optral.analysis.rules.rule import NODE, SCHEDULING, UNSCHEDULED, rule
from optral.analysis.rules.scheduler_messages import CONTROL_PLANE
from optral.analysis.snapshot import Thing, dig
from optral.detectors.pods import failed_scheduling
from optral.kube import placement, requests, selectors
from optral.kube.names import nearest
from optral.kube.objects import Node, PersistentVolume, Taint

ROLE, ROLES = "kubernetes.io/role", ("master", "control-plane")
NODE_FAULTS = re.compile(r"node\.kubernetes\.io/(not-ready|unreachable|disk-pressure|memory-pressure|pid-pressure|network-unavailable)")

IGNORED_AFTER_S = 60.0


def unschedulable(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    pod = focus.thing
    path, scheduled = pod.condition("PodScheduled")
    if scheduled.get("status") != "False":
        return
    message = str(scheduled.get("message") or "")
    told = case.book.fields(pod, path, "reason", "message")
    yield from _claims(case, focus, pod, told)
    if found := list(case.snap.all("Node")):
        yield from _Run(case, focus, pod, told, message).judge(found)


def no_scheduler(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """No PodScheduled condition at all, long after the pod was made: nobody has looked at it."""
    pod = focus.thing
    if not _is_ignored(case, pod):
        return
    name = pod.text("spec.schedulerName") or "default-scheduler"
    nothing = case.book.absence(pod.ref, "status.conditions", f"no PodScheduled condition; scheduler {name}")
    made = case.book.fields(pod, "metadata", "creationTimestamp")
    own = next((p for p in case.snap.all("Pod", "kube-system") if p.name.startswith("kube-scheduler")), None)
    node = case.snap.find("Node", None, own.text("spec.nodeName")) if own is not None else _control_plane(case)
    level = Level.STRONG if name == "default-scheduler" else Level.LIKELY
    if case.question.type == SCHEDULING:  # the scheduler had spoken when the issue opened: somebody made the pod anew
        level = Level.POSSIBLE
    yield case.hypothesis(
        "scheduler_unavailable",
        node or own or pod,
        level,
        cite(f"No scheduler has processed pod `{pod.name}` since it was created.", nothing, made),
        focus=focus,
        actions=[actions.advice(f"Check the scheduler {name}", "It does not process new pods.", nothing)],
    )


def _is_ignored(case: Case, pod: Thing) -> bool:
    """Whether no scheduler has taken a pod up for a minute, although it could be scheduled."""
    if pod.kind != "Pod" or pod.is_deleting or pod.created_at is None or pod.text("status.phase") not in ("Pending", ""):
        return False
    if pod.condition("PodScheduled")[1] or pod.text("spec.nodeName") or pod.many("spec.schedulingGates"):
        return False
    return (case.now - pod.created_at).total_seconds() >= IGNORED_AFTER_S


def _control_plane(case: Case) -> Thing | None:
    """The control plane's node, where there is exactly one."""
    found = [
        node for node in case.snap.all("Node") if any(label in node.labels for label in CONTROL_PLANE) or node.labels.get(ROLE) in ROLES
    ]
    return found[0] if len(found) == 1 else None


class _Run:
    """One pod against all nodes."""

    def __init__(self, case: Case, focus: Focus, pod: Thing, told: str, message: str) -> None:
        self.case, self.focus, self.pod, self.told, self.message = case, focus, pod, told, message
        self.spec = pod.scheduling
        self.requests = requests.of(self.spec)
        self.workload = case.workload(pod)
        self.clauses = scheduler_messages.relevant(failed_scheduling.parse(message))
        self.opening = cite(f"Pod `{pod.name}` cannot be scheduled.", told)

    def judge(self, nodes: list[Thing]) -> Iterator[Hypothesis]:
        """What no node could ever offer first, then the filters of `_STEPS`."""
        workers = [node for node in nodes if not self._is_reserved(node)] or nodes
        matching = [node for node in workers if placement.fits_node(self.spec, _node(node))]
        if not matching:
            yield from self._no_match(nodes, workers)
            return
        placed = [node for node in matching if self._reaches_volumes(node)]
        if not placed:
            yield from self._said_of("volumeNodeAffinity")
            return
        if len(placed) < len(matching):
            self.clauses = [one for one in self.clauses if one.blocker != "volumeNodeAffinity"]  # the other nodes, not these
        large = [name for name in self.requests if not any(self.requests[name] <= _offer(node, name) for node in placed)]
        if large:
            yield from (self._too_large(name, placed) for name in large)
        elif spared := self._spared(placed):
            yield from self._cordoned(spared)
            yield from (self._lesser(one) for one in self._tainted(placed, Level.PROVEN))
        else:
            yield from self._filtered(placed)

    def _no_match(self, nodes: list[Thing], workers: list[Thing]) -> Iterator[Hypothesis]:
        """No node has the labels; the control plane's nodes may be the ones that were asked for."""
        reserved = [node for node in nodes if node not in workers and placement.fits_node(self.spec, _node(node))]
        is_asked_for = bool(reserved) and not placement.only_avoids(self.spec)
        if is_asked_for:
            yield from self._tainted(reserved, Level.STRONG)
        yield self._no_label(nodes, Level.LIKELY if is_asked_for else Level.PROVEN)

    def _filtered(self, left: list[Thing]) -> Iterator[Hypothesis]:
        """Filter after filter. The one that removes the last node is the cause; one that removes some is a hint."""
        for keep, blame in _STEPS:
            kept = keep(self, left)
            if not kept:
                yield from blame(self, left)
                return
            if len(kept) < len(left):
                yield from (self._lesser(one) for one in blame(self, [node for node in left if node not in kept]))
            left = kept
        yield from self._by_message()

    @staticmethod
    def _lesser(one: Hypothesis) -> Hypothesis:
        return replace(one, level=Level.HINT)

    # --- filters: the nodes that pass

    def _is_reserved(self, node: Thing) -> bool:
        """A node of the control plane that takes no ordinary pods, by a taint or by a lasting cordon."""
        if node.get("spec.unschedulable") and (any(label in node.labels for label in CONTROL_PLANE) or node.labels.get(ROLE) in ROLES):
            return True
        return any(
            taint.key in CONTROL_PLANE and taint.effect in placement.REPELLING and not self._tolerates(taint)
            for taint in _node(node).spec.taints
        )

    def _reaches_volumes(self, node: Thing) -> bool:
        """Whether its bound volumes can be used there."""
        return all(placement.fits_volume(cast(PersistentVolume, volume.typed), _node(node)) for volume, _ in self._volumes())

    def _spared(self, nodes: list[Thing]) -> list[Thing]:
        """Cordoned nodes that are all there is for such a pod, where a taint keeps every other node for those that tolerate it.

        Who has been there without tolerating it shows that a taint is new: then the taint is the trouble.
        """
        left = self._without_cordon(nodes)
        closed = [node for node in self._without_taint(nodes) if node not in left]
        return closed if closed and left and all(self._is_dedicated(node) for node in left) else []

    def _is_dedicated(self, node: Thing) -> bool:
        refused = self._refused_by(node)
        if refused is None or refused[1].effect != "NoSchedule":
            return False
        here = (
            pod for pod in self.case.snap.all("Pod") if pod.text("spec.nodeName") == node.name and pod.text("status.phase") == "Running"
        )
        return all(placement.tolerates(pod.scheduling.tolerations, refused[1]) for pod in here)

    def _without_cordon(self, nodes: list[Thing]) -> list[Thing]:
        return [node for node in nodes if not placement.is_cordoned_for(self.spec, _node(node))]

    def _without_taint(self, nodes: list[Thing]) -> list[Thing]:
        return [node for node in nodes if self._refused_by(node) is None]

    def _with_room(self, nodes: list[Thing]) -> list[Thing]:
        return [node for node in nodes if not self._short_of(node)]

    def _with_ports(self, nodes: list[Thing]) -> list[Thing]:
        return [node for node in nodes if not placement.host_ports(self.spec) & _ports_on(self.case, node)]

    def _apart(self, nodes: list[Thing]) -> list[Thing]:
        return [node for node in nodes if self._kept_off_by(node) is None]

    def _tolerates(self, taint: Taint) -> bool:
        return placement.tolerates(self.spec.tolerations, taint)

    def _refused_by(self, node: Thing) -> tuple[int, Taint] | None:
        return placement.untolerated(self.spec, _node(node))

    def _short_of(self, node: Thing) -> list[str]:
        booked = _booked(self.case, node)
        return [name for name, wanted in self.requests.items() if wanted > _offer(node, name) - booked.get(name, 0)]

    def _kept_off_by(self, node: Thing) -> tuple[Thing, int] | None:
        """(pod there, index of the term) when a required anti-affinity keeps the pod off this node."""
        path = "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution"
        for index, term in self.pod.indexed(path):
            key = str(term.get("topologyKey") or "")
            place = placement.labels(_node(node)).get(key)
            if place is None:
                continue
            for other in self._pods_at(key, place, term):
                if selectors.fits(selectors.parse(term.get("labelSelector")), other.labels):
                    return other, index
        return None

    def _pods_at(self, key: str, place: str, term: Mapping[str, Any]) -> Iterator[Thing]:
        namespaces = term.get("namespaces") or [self.pod.namespace]
        for other in self.case.snap.all("Pod"):
            node = self.case.snap.find("Node", None, other.text("spec.nodeName"))
            if node is None or other.name == self.pod.name or other.namespace not in namespaces:
                continue
            if placement.labels(_node(node)).get(key) == place and other.text("status.phase") not in ("Succeeded", "Failed"):
                yield other

    # --- causes

    def _hypothesis(
        self, cause: str, level: Level, *sentences: Sentence, remedy: Action | None = None, subject: Thing | None = None
    ) -> Hypothesis:
        back = actions.rollback(self.case, self.workload) if self.case.fails_only_in_newest_revision(self.workload) else None
        return self.case.hypothesis(
            cause,
            subject or self.workload,
            level,
            self.opening,
            *sentences,
            focus=self.focus,
            actions=[remedy, back if subject is None else None],
        )

    def _no_label(self, nodes: list[Thing], level: Level) -> Hypothesis:
        pod, selector = self.pod, self.spec.node_selector
        if selector and not any(placement.has_labels(_node(node), selector) for node in nodes):
            asked = self.case.book.object(pod, "spec.nodeSelector")
            found = self._near_label(nodes, selector)
            return self._hypothesis(
                "node_selector_mismatch",
                level,
                cite("No node has the labels that it selects.", asked, self._looked(nodes, selector)),
                *found,
                remedy=actions.advice("Correct the node selector, or label a node", "No node has these labels.", asked),
            )
        asked = self.case.book.object(pod, "spec.affinity.nodeAffinity")
        if not pod.map("spec.affinity.nodeAffinity"):
            asked = self.case.book.object(pod, "spec.nodeSelector")
            return self._hypothesis(
                "node_selector_mismatch", level.lowered(), cite("No node that it could use has the labels that it selects.", asked)
            )
        if placement.only_avoids(self.spec):
            words = cite("Its required node affinity excludes every node that accepts ordinary pods.", asked)
            return self._hypothesis(
                "node_affinity_mismatch", level, words, remedy=actions.advice("Correct the affinity", "It excludes too many nodes.", asked)
            )
        return self._hypothesis(
            "node_affinity_mismatch",
            level,
            cite("No node matches its required node affinity.", asked, self._looked(nodes, {})),
            remedy=actions.advice("Correct the affinity, or label a node", "No node matches it.", asked),
        )

    def _looked(self, nodes: list[Thing], selector: Mapping[str, Any]) -> str:
        wanted = ", ".join(f"{key}={value}" for key, value in selector.items()) or "the required terms"
        return self.case.book.absence(self.pod.ref, "nodes", f"none of {len(nodes)} nodes has {wanted}")

    def _near_label(self, nodes: list[Thing], selector: Mapping[str, Any]) -> list[Sentence]:
        for key, wants in selector.items():
            values = {node.labels[key]: node for node in nodes if key in node.labels}
            near = nearest(str(wants), values)
            if near is None and len(values) == 1:
                near = next(iter(values))
            if near is not None and near != wants:
                node = values[near]
                labels = self.case.book.relation(node.ref, "metadata.labels", f"{key}: {near}")
                return [cite(f"Node `{node.name}` has `{key}` = `{near}`.", labels)]
            other = nearest(key, {label for node in nodes for label in node.labels})
            if other is not None:
                node = next(node for node in nodes if other in node.labels)
                labels = self.case.book.relation(node.ref, "metadata.labels", f"{other}: {node.labels[other]}")
                return [cite(f"Node `{node.name}` has the label `{other}`.", labels)]
        return []

    def _too_large(self, name: str, nodes: list[Thing]) -> Hypothesis:
        asked, sentence = self._asked(name)
        largest = max(nodes, key=lambda node: _offer(node, name))
        offer = self.case.book.fields(largest, "status.allocatable", name)
        has = largest.get("status.allocatable") or {}
        sentences = [sentence]
        if name in has:
            sentences.append(cite(f"The largest suitable node, `{largest.name}`, has `{has[name]}`.", offer))
        else:
            sentences.append(cite(f"No node has `{name}`.", asked, self._looked(nodes, {name: "any"})))
        changed = self.case.changed(self.workload, f"requests/{name}")
        if changed is not None:
            sentences.append(cite("The newest revision changed the request.", changed.evidence_id))
        remedy = actions.advice(
            f"Lower the request for {_words(name)}, or add a larger node", "It is more than any node has.", asked, offer
        )
        return self._hypothesis(_cause(name), Level.PROVEN, *sentences, remedy=remedy)

    def _asked(self, name: str) -> tuple[str, Sentence]:
        """The request as it is written; where several containers make it up, of each."""
        pod = self.pod
        found = [(one.name, one.resources.requests.get(name)) for one in requests.long_running(self.spec)]
        amounts = [(container, value) for container, value in found if value is not None]
        if len(amounts) < 2:
            asked = _requests_id(self.case, pod, name)
            return asked, cite(f"It requests {_words(name)}: `{amounts[0][1] if amounts else '1'}`.", asked)
        told = ", ".join(f"{container}: {value}" for container, value in amounts)
        asked = self.case.book.relation(pod.ref, f"requests of {name}", told)
        return asked, cite(f"Its containers together request {_words(name)}: `{'`, `'.join(str(value) for _, value in amounts)}`.", asked)

    def _full(self, nodes: list[Thing]) -> Iterator[Hypothesis]:
        short: dict[str, int] = {}
        for node in nodes:
            for name in self._short_of(node):
                short[name] = short.get(name, 0) + 1
        for name, count in sorted(short.items(), key=lambda item: -item[1]):
            asked = self._asked(name)[1]
            booked = self.case.book.relation(
                self.pod.ref,
                f"free {name}",
                f"{count} of {len(nodes)} suitable nodes have too little {name} left beside what their pods request",
            )
            fits = len(nodes)
            yield self._hypothesis(
                _cause(name),
                Level.PROVEN if count == fits else Level.LIKELY,
                asked if name != "pods" else cite("It needs room for one more pod.", self.told),
                cite(f"`{count}` of `{fits}` suitable nodes have too little left.", booked),
                remedy=actions.advice(f"Free {_words(name)}, lower the request, or add a node", "All suitable nodes are full.", booked),
            )

    def _cordoned(self, nodes: list[Thing]) -> Iterator[Hypothesis]:
        for node in nodes[:3]:
            mark = self.case.book.fields(node, "spec", "unschedulable")
            asked = self.case.book.object(self.pod, "spec.nodeSelector")
            yield self._hypothesis(
                "node_cordoned",
                Level.PROVEN,
                cite(f"Node `{node.name}` matches but is cordoned.", mark, asked),
                remedy=actions.uncordon(node, "It would accept the pod.", mark),
            )
            return

    def _tainted(self, left: list[Thing], level: Level = Level.PROVEN) -> Iterator[Hypothesis]:
        for node in left:
            refused = self._refused_by(node)
            if refused is None:
                continue
            index, taint = refused
            mark = self.case.book.object(node, f"spec.taints[{index}]")
            tolerated = self.case.book.object(self.pod, "spec.tolerations")
            sentence = cite(
                f"Node `{node.name}` matches but has the taint `{taint.key}`, which the pod does not tolerate.", mark, tolerated
            )
            if NODE_FAULTS.match(taint.key):
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

    def _ports(self, nodes: list[Thing]) -> Iterator[Hypothesis]:
        port = next(iter(sorted(placement.host_ports(self.spec))))
        taken = self.case.book.relation(self.pod.ref, "hostPort", f"hostPort {port} is in use on {len(nodes)} suitable nodes")
        yield self._hypothesis("host_port_conflict", Level.PROVEN, cite(f"Host port `{port}` is in use on every suitable node.", taken))

    def _crowded(self, nodes: list[Thing]) -> Iterator[Hypothesis]:
        found = self._kept_off_by(nodes[0])
        if found is None:
            return
        other, index = found
        term = f"spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[{index}]"
        asked = self.case.book.object(self.pod, term)
        placed = self.case.book.fields(other, "spec", "nodeName")
        counted = self.case.book.relation(self.pod.ref, "anti-affinity", f"kept off all {len(nodes)} nodes that match otherwise")
        yield self._hypothesis(
            "anti_affinity",
            Level.PROVEN,
            cite(f"It must not share a node with pods such as `{other.name}`.", asked, placed),
            cite(f"This excludes all `{len(nodes)}` suitable nodes.", counted),
            remedy=actions.advice(
                "Lower the replicas, add a node, or use preferred anti-affinity", "The anti-affinity rule leaves no node.", asked
            ),
        )

    def _by_message(self) -> Iterator[Hypothesis]:
        """Every filter we know lets a node through: only the scheduler's own words are left, those about most nodes first."""
        said_of: set[str] = set()
        for place, clause in enumerate(sorted(self.clauses, key=lambda one: -(one.nodes or 0))):
            if clause.blocker in scheduler_messages.CAUSES and clause.blocker not in said_of:
                said_of.add(clause.blocker)
                yield from self._said_of(clause.blocker, what=clause.what, is_first=place == 0)

    def _said_of(self, blocker: str, *, what: str = "", is_first: bool = True) -> Iterator[Hypothesis]:
        cause, level, words = scheduler_messages.CAUSES[blocker]
        if blocker == "insufficient":
            cause = _cause(what)
        if level <= Level.POSSIBLE and not is_first:  # mere words, and others rule out more nodes
            level = level.lowered()
        more, remedy = self._proof(blocker)
        proof = [id_ for one in more for id_ in one.evidence_ids]
        yield self._hypothesis(cause, level, cite(words, self.told), *more, remedy=actions.advice(remedy, words, self.told, *proof))

    def _proof(self, blocker: str) -> tuple[list[Sentence], str]:
        """What of the pod the scheduler means, and what to do about it."""
        pod, book = self.pod, self.case.book
        if blocker == "topologySpread":
            for index, one in pod.indexed("spec.topologySpreadConstraints"):
                if one.get("whenUnsatisfiable") != "ScheduleAnyway":
                    shown = book.object(pod, f"spec.topologySpreadConstraints[{index}]")
                    words = f"It must be spread over `{one.get('topologyKey')}` with a maximum skew of `{one.get('maxSkew')}`."
                    return [cite(words, shown)], scheduler_messages.REMEDIES[blocker]
        if blocker == "volumeNodeAffinity":
            for volume, claim in self._volumes():
                shown = book.object(volume, "spec.nodeAffinity.required")
                bound = book.fields(claim, "spec", "volumeName")
                words = f"Claim `{claim.name}` is bound to volume `{volume.name}`, which can only be used on other nodes."
                return [cite(words, bound, shown)], f"Add a node where volume {volume.name} is available, or restore its data elsewhere"
        return [], scheduler_messages.REMEDIES[blocker]

    def _volumes(self) -> Iterator[tuple[Thing, Thing]]:
        """Bound volumes that belong to a place, with their claims."""
        for one in self.pod.many("spec.volumes"):
            source = one.get("persistentVolumeClaim")
            name = str(source.get("claimName") or "") if isinstance(source, dict) else ""
            claim = self.case.snap.find("PersistentVolumeClaim", self.pod.namespace, name)
            volume = self.case.snap.find("PersistentVolume", None, claim.text("spec.volumeName")) if claim is not None else None
            if claim is not None and volume is not None and volume.map("spec.nodeAffinity.required"):
                yield volume, claim


_STEPS: tuple[tuple[Callable[[_Run, list[Thing]], list[Thing]], Callable[[_Run, list[Thing]], Iterator[Hypothesis]]], ...] = (
    (_Run._without_cordon, _Run._cordoned),
    (_Run._without_taint, _Run._tainted),
    (_Run._with_room, _Run._full),
    (_Run._with_ports, _Run._ports),
    (_Run._apart, _Run._crowded),
)
"""(nodes that pass, what to say of those that do not): what an operator can undo comes first."""


def _claims(case: Case, focus: Focus, pod: Thing, told: str) -> Iterator[Hypothesis]:
    """A claim that is not there, or not bound. What is wrong with a claim that is there is found at the claim."""
    for index, volume in pod.indexed("spec.volumes"):
        source = volume.get("persistentVolumeClaim")
        if not isinstance(source, dict):
            continue
        name = str(source.get("claimName") or "")
        claim = case.snap.find("PersistentVolumeClaim", pod.namespace, name)
        mounted = case.book.object(pod, f"spec.volumes[{index}]")
        opening = cite(f"Pod `{pod.name}` cannot be scheduled: it needs the claim `{name}`.", told, mounted)
        if claim is None and case.snap.sees("PersistentVolumeClaim"):
            gone = case.book.absence(pod.ref, f"PersistentVolumeClaim {name}", "not among the claims of the namespace")
            yield case.hypothesis(
                "pvc_unbound",
                case.workload(pod),
                Level.STRONG,
                opening,
                cite("The claim does not exist.", gone),
                focus=focus,
                actions=[actions.advice(f"Create the claim {name}, or correct its name", "The pod waits for it.", gone)],
            )
        elif claim is not None and claim.text("status.phase") != "Bound":
            phase = case.book.fields(claim, "status", "phase")
            yield case.hypothesis(
                "pvc_unbound",
                claim,
                Level.PLAUSIBLE,
                opening,
                cite(f"The claim is `{claim.text('status.phase') or 'Pending'}`.", phase),
                focus=focus,
            )


def _node(thing: Thing) -> Node:
    return cast(Node, thing.typed)


def _offer(node: Thing, name: str) -> int:
    return requests.offered(_node(node), name)


def _booked(case: Case, node: Thing) -> dict[str, int]:
    """What the pods of a node request: those in the snapshot, and the bookings of the rest."""
    total: dict[str, int] = {}
    here = [requests.of(pod.scheduling) for pod in _pods_on(case, node)]
    elsewhere = [one.requests for one in case.snap.bookings if one.node == node.name]
    for amounts in (*here, *elsewhere):
        for name, amount in amounts.items():
            total[name] = total.get(name, 0) + amount
    return total


def _ports_on(case: Case, node: Thing) -> set[int]:
    taken = {port for pod in _pods_on(case, node) for port in placement.host_ports(pod.scheduling)}
    return taken | {port for one in case.snap.bookings if one.node == node.name for port in one.host_ports}


def _pods_on(case: Case, node: Thing) -> Iterator[Thing]:
    for pod in case.snap.all("Pod"):
        if pod.text("spec.nodeName") == node.name and pod.text("status.phase") not in ("Succeeded", "Failed"):
            yield pod


def _requests_id(case: Case, pod: Thing, name: str) -> str:
    for index, one in pod.indexed("spec.containers"):
        if name in (dig(one, "resources.requests") or {}):
            return case.book.fields(pod, f"spec.containers[{index}]", "name", "resources.requests")
    return case.book.object(pod, "spec.containers[0].resources")


def _cause(name: str) -> str:
    return {"cpu": "insufficient_cpu", "memory": "insufficient_memory"}.get(name, "insufficient_resource")


def _words(name: str) -> str:
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
    "pvc_unbound",
}
RULES = (
    rule(unschedulable, {SCHEDULING}, _FILTERS, version=4),
    rule(no_scheduler, {UNSCHEDULED, SCHEDULING}, {"scheduler_unavailable"}),
)
