"""The pods of one workload and revision compared: only those on one node fail, or only those that started after something changed.

Pods of one revision run the same program with the same settings. What differs between those that fail and those that run is where they run,
when they started, and which image a tag meant by then.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Action, Hypothesis, Sentence
from optral.analysis.reading import calls
from optral.analysis.reading.case import Case, Container, Focus, cite, containers, is_ready
from optral.analysis.reading.snapshot import SnapshotObject, moment
from optral.analysis.remedies import actions, edits
from optral.analysis.rules import exits, sources
from optral.analysis.rules.exits import Exit
from optral.analysis.rules.quotes import failed_connection
from optral.analysis.rules.rule import CRASH, CREATING, INIT, LIVENESS, LOGGING, READINESS, STARTUP, rule
from optral.kit.times import rfc3339
from optral.kit.words import plural
from optral.kube import log_reports, log_signs, revisions
from optral.kube.images import repository
from optral.terms.refs import ObjectRef

MAX_WORKLOADS = 60
MIN_CALLERS = 3  # on either side, when workloads are compared that have one pod each
NODE_AGENTS = ("kube-proxy", "calico-node", "cilium", "flannel", "weave", "canal", "antrea-agent", "kube-router", "aws-node", "kindnet")
NODE_DNS = ("node-local-dns", "nodelocaldns")
CHANGED_WITHIN_S = 24 * 3600.0


class Split(NamedTuple):
    """Pods of one revision: those that fail, those that are ready."""

    failing: list[SnapshotObject]
    ready: list[SnapshotObject]


def of_revision(case: Case, workload: SnapshotObject, like: SnapshotObject) -> Split:
    """The pods of a workload that have the revision of this pod and a node."""
    mine = (like.owner(), revisions.of_pod(like.labels))
    pods = [pod for pod in case.live_pods(workload) if pod.text("spec.nodeName") and (pod.owner(), revisions.of_pod(pod.labels)) == mine]
    return Split([pod for pod in pods if not is_ready(pod)], [pod for pod in pods if is_ready(pod)])


def _node(pod: SnapshotObject) -> str:
    return pod.text("spec.nodeName")


def only_on(split: Split) -> str | None:
    """The node on which all failing pods run and no ready one does, while ready ones run elsewhere."""
    nodes = {_node(pod) for pod in split.failing}
    if len(nodes) != 1 or not split.ready or nodes & {_node(pod) for pod in split.ready}:
        return None
    return nodes.pop()


# --- one node


def one_node(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """Only the pods on one node fail: of this workload, and of others that run there too."""
    pod = focus.container.pod if focus.container is not None else focus.obj
    if pod.kind != "Pod" or not _node(pod):
        return
    workload = case.workload(pod)
    split = of_revision(case, workload, pod)
    if (node := _suspect(case, split)) is None:
        return
    others = _others_on(case, workload, node.name)
    if len(split.failing) + len(others) < 2 or len(split.ready) < 2:
        return
    compared = [_counted(case, workload, split, node), *_also(case, node, others), *_agents(case, node)]
    exited = exits.read(case, focus)
    line = exited.lines.get(log_signs.DEPENDENCY) if exited is not None else None
    if exited is not None and line is not None:
        level = Level.STRONG if _agents(case, node) else Level.LIKELY
        words = [exited.opening, *failed_connection(line), *compared]
        yield focus.hypothesis("service_network_broken", node, level, *words, actions=_remedies(node, line.evidence_id))
        return
    level = Level.STRONG if len(split.failing) + len(others) > 2 and len(split.ready) > 2 else Level.LIKELY
    shown = compared[0].evidence_ids[0]
    yield focus.hypothesis("pods_fail_on_one_node", node, level, *compared, actions=_remedies(node, shown))


def _suspect(case: Case, split: Split) -> SnapshotObject | None:
    """The node on which alone they fail, if it is ready by its own report, so that nothing else explains them."""
    name = only_on(split)
    node = case.snap.find("Node", None, name) if name else None
    is_ready_itself = node is not None and node.condition("Ready")[1].get("status") == "True"
    return node if is_ready_itself and not _shares_claims(split) else None


def _shares_claims(split: Split) -> bool:
    """Whether each pod has a volume of its own, which then may be what differs."""
    return any(isinstance(volume.get("persistentVolumeClaim"), dict) for pod in split.failing for volume in pod.many("spec.volumes"))


def _others_on(case: Case, workload: SnapshotObject, node: str) -> list[SnapshotObject]:
    """Other workloads of the namespace whose pods fail on this node and are ready elsewhere."""
    found = []
    for other in calls.callers(case, workload.namespace, at_most=MAX_WORKLOADS):
        pods = [pod for pod in case.live_pods(other) if _node(pod)]
        if (
            other.ref[:3] != workload.ref[:3]
            and only_on(Split([p for p in pods if not is_ready(p)], [p for p in pods if is_ready(p)])) == node
        ):
            found.append(other)
    return found


def _counted(case: Case, workload: SnapshotObject, split: Split, node: SnapshotObject) -> Sentence:
    failing, ready = len(split.failing), len(split.ready)
    text = f"not ready: {failing} of {failing} pods on {node.name}; ready: {ready} of {ready} on other nodes; all of one revision"
    compared = case.book.relation(workload.ref, "pods by node", text)
    here = f"{{count}} of `{failing}` pods of `{workload.name}` on node {{node}} fail"
    return cite(
        f"{here}, but `{ready}` of `{ready}` pods of the same revision on other nodes run.", compared, count=failing, node=node.name
    )


def _also(case: Case, node: SnapshotObject, others: list[SnapshotObject]) -> list[Sentence]:
    if not others:
        return []
    names = ", ".join(f"`{other.name}`" for other in others[:3])
    text = f"fail only on {node.name}: {', '.join(other.name for other in others[:10])}"
    return [cite(f"The same is true of {names}.", case.book.relation(node.ref, "workloads", text))]


def _agents(case: Case, node: SnapshotObject) -> list[Sentence]:
    """The pods of kube-proxy, the network plugin and the DNS cache of this node that are not ready or that only this node lacks."""
    found: list[Sentence] = []
    for daemon in case.snap.all("DaemonSet.apps"):
        if not daemon.name.startswith((*NODE_AGENTS, *NODE_DNS)):
            continue
        pods = case.snap.pods_of(daemon)
        here = [pod for pod in pods if _node(pod) == node.name]
        unready = next((pod for pod in here if not is_ready(pod)), None)
        if unready is not None:
            path, _ = unready.condition("Ready")
            shown = case.book.fields(unready, path, "type", "status", "reason")
            found.append(
                cite(
                    f"Pod {{pod}} of DaemonSet `{daemon.name}` on this node is not ready.",
                    shown,
                    _owner_id(case, unready),
                    pod=unready.name,
                )
            )
        elif not here and pods and (listing := case.snap.listed("Pod", daemon.namespace)) is not None:
            gone = case.book.absence(
                listing, daemon.ref, "pods", f"no pod of {daemon.name} runs on {node.name}; {len(pods)} run on other nodes"
            )
            found.append(cite(f"No pod of DaemonSet `{daemon.name}` runs on this node.", gone))
    return found[:2]


def _owner_id(case: Case, pod: SnapshotObject) -> str:
    return case.book.object(pod, "metadata.ownerReferences")


def _remedies(node: SnapshotObject, *evidence_ids: str) -> list[Action]:
    why = "The same revision runs on other nodes."
    checks = "Check kube-proxy, the network plugin, DNS, disk and kubelet of the node"
    return [actions.cordon(node, f"{why} New pods then start there.", *evidence_ids), actions.advice(checks, why, *evidence_ids)]


class _ByNode(NamedTuple):
    """Workloads whose pods fail on one node, and those whose pods run well on others. `is_same`: each of the first is one of the second."""

    node: str
    failing: list[str]
    well: list[str]
    is_same: bool


def node_of_callers(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """Of the workloads that call others, the pods on one node fail, and those on other nodes run."""
    exited = exits.read(case, focus)
    line = exited.lines.get(log_signs.DEPENDENCY) if exited is not None else None
    if exited is None or line is None:
        return
    found = _same_workloads(case, exited) or _callers_by_node(case, exited)
    node = case.snap.find("Node", None, found.node) if found is not None else None
    if found is None or node is None or node.condition("Ready")[1].get("status") != "True":
        return
    bad, good = len(found.failing), len(found.well)
    text = f"fail: {bad} of {bad} workloads on {node.name}: {', '.join(found.failing[:5])}; run: {good} of {good} on other nodes"
    compared = case.book.relation(node.ref, "callers by node", text)
    words = f"{{count}} of `{bad}` workloads on node {{node}} that call Services fail, but `{good}` of `{good}` on other nodes run."
    if found.is_same:
        words = f"The pods of {{count}} workloads fail only on node {{node}}; those of `{good}` workloads run on other nodes."
    agents = _agents(case, node)
    yield focus.hypothesis(
        "service_network_broken",
        node,
        Level.STRONG if agents else Level.LIKELY,
        exited.opening,
        *failed_connection(line),
        cite(words, compared, count=bad, node=node.name),
        *agents,
        actions=_remedies(node, compared),
    )


def _same_workloads(case: Case, exited: Exit) -> _ByNode | None:
    """The workloads that have pods on this node and on others, if all those here fail and all those elsewhere run.

    A pod fails that is not ready, or that keeps logging failed connections. Two such workloads are enough as long as no pod that calls
    something contradicts them, and three anyhow: connections that are open often last, so others may still run here.
    """
    node = _node(exited.container.pod)
    if not _fails_only_on(node, _places(case, exited.workload)):
        return None
    workloads = list(calls.callers(case, exited.workload.namespace, at_most=MAX_WORKLOADS))
    places = {workload.name: _places(case, workload) for workload in workloads}
    failing = [name for name, found in places.items() if _fails_only_on(node, found)]
    if exited.workload.name not in failing or len(failing) < 2:
        return None
    if len(failing) < MIN_CALLERS and any(_contradicts(case, workload, places[workload.name], node) for workload in workloads):
        return None
    return _ByNode(node, failing, [name for name, (_, good) in places.items() if good - {node}], is_same=True)


class _Places(NamedTuple):
    """The nodes on which pods of a workload fail, and on which they run."""

    bad: set[str]
    good: set[str]


def _fails_only_on(node: str, places: _Places) -> bool:
    """Whether the pods on this node fail, and those elsewhere run."""
    return places.bad == {node} and bool(places.good) and node not in places.good


def _contradicts(case: Case, workload: SnapshotObject, places: _Places, node: str) -> bool:
    """Whether a pod fails elsewhere, or runs here although it calls something, or although others of its workload fail here."""
    return bool(places.bad - {node}) or (node in places.good and bool(places.bad or _called(case, workload)))


def _places(case: Case, workload: SnapshotObject) -> _Places:
    """Without nodes where each pod has a volume of its own, which then may be what differs."""
    pods = [pod for pod in case.live_pods(workload) if _node(pod)]
    if _shares_claims(Split(pods, [])):
        return _Places(set(), set())
    judged = [(_node(pod), fails(case, pod)) for pod in pods]
    return _Places({name for name, failed in judged if failed}, {name for name, failed in judged if not failed})


def fails(case: Case, pod: SnapshotObject) -> bool:
    """Whether a pod is not ready, or keeps logging failed connections."""
    report = log_reports.of_pod(pod, case.snap.cluster)
    if report is None or not is_ready(pod):
        return not is_ready(pod)
    signs = (sign.sign for one in report.status.containers for sign in log_reports.lasting(one, now=case.now))
    return log_signs.DEPENDENCY in signs


def _callers_by_node(case: Case, exited: Exit) -> _ByNode | None:
    """The workloads whose pods all run on one node: at least three here fail, and at least three elsewhere run."""
    failing, ready = _callers(case, exited.workload.namespace)
    if min(len(failing), len(ready)) < MIN_CALLERS or exited.workload.name not in failing:
        return None
    name = only_on(Split(list(failing.values()), list(ready.values())))
    return None if name is None else _ByNode(name, sorted(failing), sorted(ready), is_same=False)


def _callers(case: Case, namespace: str | None) -> tuple[dict[str, SnapshotObject], dict[str, SnapshotObject]]:
    """A pod of each workload that calls a Service and whose pods all run on one node: those that fail, those that are ready.

    None where a workload that fails calls nothing that one of the others reaches: its servers may be down for everybody. None as soon as
    there is nothing to compare, too: pods and addresses are read for no more workloads than can tell.
    """
    workloads = list(calls.callers(case, namespace, at_most=MAX_WORKLOADS))
    failing = _failing_callers(case, workloads)
    nodes = {_node(pod) for pod in failing.values()}
    if len(failing) < MIN_CALLERS or len(nodes) > 1:
        return {}, {}
    ready: dict[str, SnapshotObject] = {}
    for other in workloads:
        pod = _sole_place(case, other)
        if pod is not None and is_ready(pod) and _called(case, other):
            ready[other.name] = pod
            if _node(pod) in nodes:
                return {}, {}
    return (failing, ready) if _reach_the_same(case, workloads, failing, ready) else ({}, {})


def _failing_callers(case: Case, workloads: Sequence[SnapshotObject]) -> dict[str, SnapshotObject]:
    suspects = [workload for workload in workloads if not workload.get("status.readyReplicas") and not workload.get("status.numberReady")]
    return {
        suspect.name: pod for suspect in suspects if (pod := _sole_place(case, suspect)) and not is_ready(pod) and _called(case, suspect)
    }


def _reach_the_same(case: Case, workloads: Sequence[SnapshotObject], failing: Collection[str], ready: Collection[str]) -> bool:
    """Whether each workload that fails calls something that a ready one calls, too."""
    reached = {ref for workload in workloads if workload.name in ready for ref in _called(case, workload)}
    return not any(reached.isdisjoint(_called(case, workload)) for workload in workloads if workload.name in failing)


def _sole_place(case: Case, workload: SnapshotObject) -> SnapshotObject | None:
    """One of the workload's pods, if all of them run on one node and are all ready or all not."""
    pods = [pod for pod in case.live_pods(workload) if _node(pod)]
    return pods[0] if len({(_node(pod), is_ready(pod)) for pod in pods}) == 1 else None


def _called(case: Case, workload: SnapshotObject) -> set[ObjectRef]:
    return {address.service.ref for address in calls.of_workload(case, workload) if address.service is not None}


# --- since a change


def since_change(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """Of one revision only the containers fail that started after a ConfigMap was written, or that got another image for the same tag."""
    if (exited := exits.read(case, focus)) is None:
        return
    split = of_revision(case, exited.workload, exited.container.pod)
    if not split.ready or not split.failing:
        return
    if case.snap.holds("ConfigMap", exited.workload.namespace):  # or one of them may have changed
        yield from _moved_image(case, focus, exited, split)
    yield from _changed_config(case, focus, exited, split)


def _same_container(pod: SnapshotObject, like: Container) -> Container | None:
    return next((container for container in containers(pod) if container.name == like.name), None)


def _moved_image(case: Case, focus: Focus, exited: Exit, split: Split) -> Iterator[Hypothesis]:
    seen = exited.container
    images = {True: set[str](), False: set[str]()}
    for pods, is_failing in ((split.failing, True), (split.ready, False)):
        for pod in pods:
            if (container := _same_container(pod, seen)) is not None:
                images[is_failing].add(str(container.status.get("imageID") or "").rpartition("@")[2])
    if len(images[True]) != 1 or len(images[False]) != 1 or images[True] == images[False] or "" in images[True] | images[False]:
        return
    (bad,), (good,) = images[True], images[False]
    ready = _same_container(split.ready[0], seen)
    if "@" in seen.image or ready is None or len(_architectures(case, split)) > 1:
        return
    own = case.book.fields(seen.pod, seen.status_path, "name", "image", "imageID")
    theirs = case.book.fields(ready.pod, ready.status_path, "name", "image", "imageID")
    written = case.book.fields(seen.pod, seen.spec_path, "name", "image")
    text = f"{len(split.failing)} pods with {bad} fail, {len(split.ready)} with {good} are ready"
    compared = case.book.relation(exited.workload.ref, "images of pods", text)
    pinned = f"{repository(seen.image)}@{good}"
    yield focus.hypothesis(
        "image_tag_moved",
        exited.workload,
        Level.STRONG if len(split.ready) > 1 else Level.LIKELY,
        exited.opening,
        cite(
            "Tag {image} now points to {current}; running pods still use {previous}.",
            own,
            theirs,
            written,
            image=seen.image,
            current=bad,
            previous=good,
        ),
        cite(
            f"{{count}} of `{len(split.failing)}` pods with the new image fail, but `{len(split.ready)}` with the old one run.",
            compared,
            count=len(split.failing),
        ),
        actions=[
            actions.advice(
                f"Pin {seen.name} to the digest of the pods that run", "A tag can be pushed again.", own, theirs, edit=_pin(exited, pinned)
            )
        ],
    )


def _architectures(case: Case, split: Split) -> set[str]:
    """The processor architectures of the nodes of these pods: some runtimes report another digest of one image for each."""
    nodes = {name: case.snap.find("Node", None, name) for pod in (*split.failing, *split.ready) if (name := _node(pod))}
    return {arch for node in nodes.values() if node is not None and (arch := node.labels.get("kubernetes.io/arch"))}


def _pin(exited: Exit, image: str) -> edits.Edit | None:
    for index, spec in exited.workload.indexed("spec.template.spec.containers"):
        if spec.get("name") == exited.container.name:
            return edits.edit(exited.workload, ("spec", "template", "spec", "containers", index, "image"), image)
    return None


class _Write(NamedTuple):
    """When a ConfigMap or Secret was written, and the sentences about it."""

    obj: SnapshotObject
    at: datetime
    sentences: list[Sentence]


def _changed_config(case: Case, focus: Focus, exited: Exit, split: Split) -> Iterator[Hypothesis]:
    seen = exited.container
    for write in _writes(case, seen):
        before = [pod for pod in split.ready if _started(pod, seen, write.at) == "before"]
        after = [pod for pod in split.failing if _started(pod, seen, write.at) == "after"]
        if len(before) != len(split.ready) or len(after) != len(split.failing):
            continue
        text = f"started after {rfc3339(write.at)}: {len(after)}, all fail; before: {len(before)}, all ready; one revision"
        compared = case.book.relation(exited.workload.ref, "pods by start", text)
        fail, run = "fails" if len(after) == 1 else "fail", "runs" if len(before) == 1 else "run"
        words = f"{{count}} {plural(len(after), 'pod')} started after the change and {fail}; `{len(before)}` started before it and {run}."
        title = f"Correct ConfigMap {write.obj.name}, or restore its previous values"
        yield focus.hypothesis(
            "config_changed",
            write.obj,
            Level.LIKELY,
            exited.opening,
            *write.sentences,
            cite(words, compared, count=len(after)),
            actions=[
                actions.advice(title, "Containers that started before the change still run.", compared, *write.sentences[0].evidence_ids)
            ],
        )


def _started(pod: SnapshotObject, like: Container, at: datetime) -> str:
    """Whether the container's present or last run began before or after a moment; "" where it is not known."""
    container = _same_container(pod, like)
    if container is None:
        return ""
    running = container.status.get("state")
    running = running.get("running") if isinstance(running, dict) else None
    began = moment(running.get("startedAt")) if isinstance(running, dict) else moment(container.exit.get("startedAt"))
    return "" if began is None else "after" if began > at else "before"


def _writes(case: Case, container: Container) -> Iterator[_Write]:
    """The last write of each ConfigMap that the container reads, within a day."""
    for ref in dict.fromkeys(source.ref for source in sources.every(case, container) if source.ref.kind == "ConfigMap"):
        if (write := write_of(case, ref)) is not None:
            yield write


def write_of(case: Case, ref: ObjectRef) -> _Write | None:
    """The last write of a ConfigMap or Secret, within a day; None where it is not known."""
    obj = case.snap.at(ref)
    write = None if obj is None else _recorded_write(case, obj) or _managed_write(case, obj)
    return write if write is not None and case.is_fresh(write.at, CHANGED_WITHIN_S) else None


def _recorded_write(case: Case, obj: SnapshotObject) -> _Write | None:
    """The newest change that the inventory recorded, with the key that it is about."""
    newest = max((one for one in case.snap.history if one.ref[:3] == obj.ref[:3]), key=lambda one: one.at, default=None)
    if newest is None:
        return None
    at = case.book.relation(obj.ref, "changed", f"{rfc3339(newest.at)} by {newest.manager or 'unknown'}")
    paths = [(str(entry.get("path") or ""), entry) for entry in newest.diff[:3]]
    changes = [
        case.book.change(obj.ref, path, entry.get("from"), entry.get("to"), at=newest.at, manager=newest.manager) for path, entry in paths
    ]
    shown = [change.evidence_id for change in changes]
    key = paths[0][0].rpartition("/")[2] if paths else ""
    since = rfc3339(newest.at)
    if not key:
        return _Write(
            obj, newest.at, [cite(f"{obj.short_kind} {{object}} was changed at {{since}}.", at, *shown, object=obj.name, since=since)]
        )
    words = f"Key {{key}} of {obj.short_kind} {{object}} was changed at {{since}}."
    return _Write(obj, newest.at, [cite(words, at, *shown, key=key, object=obj.name, since=since)])


def _managed_write(case: Case, obj: SnapshotObject) -> _Write | None:
    """The last write that the API server noted in managedFields, if it is not that of its creation."""
    if (written := _last_write(obj)) is None:
        return None
    shown = [case.book.relation(obj.ref, "changed", written[1]), case.book.object(obj, "metadata.managedFields")]
    return _Write(
        obj, written[0], [cite(f"{obj.short_kind} {{object}} was changed at {{since}}.", *shown, object=obj.name, since=written[1])]
    )


def _last_write(obj: SnapshotObject) -> tuple[datetime, str] | None:
    found = [(at, str(one["time"])) for one in obj.many("metadata.managedFields") if (at := moment(one.get("time"))) is not None]
    newest = max(found, default=None)
    created = obj.created_at
    return newest if newest is not None and (created is None or newest[0] > created) else None


_RUNNING = {CRASH, LIVENESS, READINESS, STARTUP, INIT}
RULES = (
    rule(one_node, _RUNNING | {CREATING}, {"pods_fail_on_one_node", "service_network_broken"}),
    rule(node_of_callers, _RUNNING | {LOGGING}, {"service_network_broken"}),
    rule(since_change, _RUNNING, {"image_tag_moved", "config_changed"}),
)
