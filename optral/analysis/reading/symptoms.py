"""From an issue to what must be looked at: its own symptom, what stands below it, and what it hangs on.

The pods of a stuck rollout, a Service without endpoints or a failed Job show why it fails; for a pod that cannot be scheduled it is its
claim. Each step down keeps the words that lead there, so that an explanation reads as a chain.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from optral.analysis.model import Sentence
from optral.analysis.reading import calls
from optral.analysis.reading.case import WORKLOADS, Case, Container, Focus, cite, containers, is_owned_by, is_ready, template_path
from optral.analysis.reading.snapshot import SnapshotObject, moment
from optral.analysis.rules import autoscalers, custom_resources, run_logs
from optral.analysis.rules.remembered import GONE
from optral.analysis.rules.rule import (
    ADDRESS,
    BLOCKED,
    CLAIM,
    CONFIG,
    CRASH,
    CREATE,
    CREATING,
    EVICTED,
    GATED,
    HOOK,
    INIT,
    LIVENESS,
    LOGGING,
    MOUNT,
    NOT_READY,
    OOM,
    PULL,
    READINESS,
    REFUSED,
    RESTARTS,
    RUN,
    SCHEDULING,
    STARTUP,
    UNSCHEDULED,
)
from optral.kube import selectors
from optral.kube.kinds import LONG_RUNNING, is_custom
from optral.kube.log_reports import SIGNS_OF
from optral.kube.reports import containers as reported, images, nodes, pods, probes
from optral.kube.reports.admission import NOT_CREATED, REPLICA_FAILURE
from optral.kube.reports.autoscalers import Cause
from optral.kube.reports.runtime import is_init_killed

OF_CONTAINERS = frozenset({OOM, CRASH, LIVENESS, READINESS, STARTUP, RESTARTS, INIT, HOOK, PULL, CONFIG, CREATE, RUN, *images.UNUSABLE})
_WAITING = {
    **dict.fromkeys((*images.PULL_REASONS, *images.UNUSABLE), PULL),
    "CreateContainerConfigError": CONFIG,
    **dict.fromkeys(reported.CREATE_FAILURES, CREATE),
    **dict.fromkeys(reported.RUN_FAILURES, RUN),
    reported.POST_START_FAILURE: HOOK,
    "CrashLoopBackOff": CRASH,
}
MAX_CUT_OFF = 5


def foci(case: Case) -> Iterator[Focus]:
    """Everything to look at for the case's question, the nearest first."""
    question = case.question
    if question.type in OF_CONTAINERS or question.type in SIGNS_OF or question.type in (SCHEDULING, MOUNT):
        yield from _of_pod(case, case.snap.at(question.resource))
        return
    found = [obj for ref in (question.resource, question.owner) if (obj := case.snap.at(ref)) is not None]
    things = list({obj.uid or obj.name: obj for obj in found}.values())
    for obj in things:
        yield Focus(case, question.type, obj)
    for obj in things:
        yield from _beneath(case, obj)
    if question.type == ADDRESS:
        yield from _callers(case)
    if question.type == BLOCKED:
        yield from _cut_off(case)


def _beneath(case: Case, obj: SnapshotObject) -> Iterator[Focus]:
    """What an object consists of, or stands for: the pods of a workload, the backends of a Service, the users of a claim."""
    if obj.kind == "Pod":
        for focus in symptoms(case, obj):
            yield focus
            yield from _hangs_on(case, focus)
    elif obj.kind == "Service":
        yield from _behind(case, obj)
    elif obj.kind == "PersistentVolumeClaim":
        yield from _users(case, obj)
    elif obj.kind == "CronJob.batch":
        for run in case.snap.owned(obj, "Job.batch")[-3:]:
            yield from below(case, run, steps=2)
    elif obj.kind in WORKLOADS:
        yield from below(case, obj)
    elif obj.kind.startswith("PodDisruptionBudget."):
        yield from _guarded(case, obj)
    elif obj.kind.startswith("HorizontalPodAutoscaler."):
        yield from _scaled(case, obj)
    elif is_custom(obj.kind):
        end = custom_resources.chain(case, obj)
        if end.obj.kind in WORKLOADS:
            yield from below(case, end.obj, *end.via, steps=end.steps + 1)


def _scaled(case: Case, scaler: SnapshotObject) -> Iterator[Focus]:
    """The pods of an autoscaler's target, if the metrics API answers and has no metrics for them."""
    found, workload = autoscalers.inactive(scaler), autoscalers.target_of(case, scaler)[2]
    if found is not None and found[1].cause is Cause.METRICS_MISSING and workload is not None:
        reported = case.book.fields(scaler, found[0], "reason", "message")
        via = cite(f"Autoscaler `{scaler.name}` gets no metrics for the pods of {workload.short_kind} `{workload.name}`.", reported)
        yield from below(case, workload, via, steps=2)


def _callers(case: Case) -> Iterator[Focus]:
    """The issue is about a Service that is not there: those that call it."""
    question = case.question
    if case.snap.at(question.resource) is not None:
        return
    for kind in LONG_RUNNING:
        for obj in case.snap.all(kind, question.resource.namespace):
            if any(one.host.partition(".")[0] == question.resource.name for one in calls.of_template(case, obj, template_path(kind))):
                yield Focus(case, ADDRESS, obj)


def _cut_off(case: Case) -> Iterator[Focus]:
    """The issue is about a policy: those that it seems to cut off, and what they complain of."""
    question = case.question
    told = question.facts.get("workloads")
    named = set(told) if isinstance(told, list) and all(isinstance(one, str) for one in told) else set()
    touched = [one for kind in WORKLOADS for one in case.snap.all(kind, question.resource.namespace) if str(one.ref) in named]
    for workload in touched[:MAX_CUT_OFF]:
        seen = case.book.fact(question.resource, question.facts, "workloads")
        via = cite(f"It appears to cut off {workload.short_kind} `{workload.name}`.", seen)
        yield from below(case, workload, via)


def _guarded(case: Case, budget: SnapshotObject) -> Iterator[Focus]:
    selector = selectors.parse(budget.get("spec.selector"))
    if selector is None:
        return
    chosen = case.book.object(budget, "spec.selector")
    seen: set[str] = set()
    for pod in case.snap.all("Pod", budget.namespace):
        workload = case.workload(pod)
        if workload.uid not in seen and selectors.fits(selector, pod.labels):
            seen.add(workload.uid)
            named = case.book.fields(workload, "metadata", "name")
            via = cite(f"Budget `{budget.name}` covers {workload.short_kind} `{workload.name}`.", chosen, named)
            yield from below(case, workload, via, steps=2)


def _of_pod(case: Case, pod: SnapshotObject | None) -> Iterator[Focus]:
    """The pod the issue names; when it is gone, another one of its workload with the same failure, else what the issue recorded."""
    question = case.question
    wanted = SCHEDULING if question.type == SCHEDULING else question.type
    owner = case.snap.at(question.owner)
    candidates = [pod] if pod is not None else []
    candidates += case.live_pods(owner) if owner is not None else []
    for candidate in candidates:
        found = [focus for focus in symptoms(case, candidate) if _concerns(focus, wanted, question.container)]
        if found:
            for focus in found:
                yield focus
                yield from _hangs_on(case, focus)
            return
    if not candidates:
        yield Focus(
            case,
            GONE,
            owner
            or SnapshotObject(question.owner.kind, {"metadata": {"name": question.owner.name, "namespace": question.owner.namespace}}),
        )


def _concerns(focus: Focus, wanted: str, container: str | None) -> bool:
    """Whether a symptom of a pod is the failure of the issue, or another symptom of the same container."""
    if focus.container is None:
        return wanted in (SCHEDULING, MOUNT) or focus.symptom == wanted
    return (container is None or focus.container.name == container) and wanted not in (SCHEDULING, MOUNT)


def _hangs_on(case: Case, focus: Focus) -> Iterator[Focus]:
    """Claims of the pod that are not bound."""
    if focus.symptom not in (SCHEDULING, MOUNT):
        return
    pod = focus.obj
    for index, volume in pod.indexed("spec.volumes"):
        source = volume.get("persistentVolumeClaim")
        claim = case.snap.find("PersistentVolumeClaim", pod.namespace, str(source.get("claimName"))) if isinstance(source, dict) else None
        if claim is not None and claim.text("status.phase") != "Bound":
            mounted = case.book.object(pod, f"spec.volumes[{index}]")
            via = cite(f"Pod `{pod.name}` needs the claim `{claim.name}`.", mounted, case.book.fields(pod, "metadata", "name"))
            yield focus.next(CLAIM, claim, via)


def below(case: Case, workload: SnapshotObject, *via: Sentence, steps: int = 1) -> Iterator[Focus]:
    """What the pods of a workload show, and that pods cannot be made. Pods of the newest revision speak for it."""
    newest = case.newest_revision(workload)
    for controller in (newest, workload):
        if controller is not None and _is_refused(case, controller):
            yield Focus(case, REFUSED, controller, via=via, steps=steps)
    pods = case.live_pods(workload)
    own = [pod for pod in pods if newest is None or is_owned_by(pod, newest)]
    seen: set[tuple[str, str]] = set()
    for pod in own or pods:
        for focus in symptoms(case, pod):
            key = (focus.symptom, focus.container.name if focus.container is not None else "")
            if key not in seen:
                seen.add(key)
                one = replace(focus, via=via, steps=focus.steps + steps)
                yield one
                yield from _hangs_on(case, one)


def _is_refused(case: Case, controller: SnapshotObject) -> bool:
    if controller.condition(REPLICA_FAILURE)[1].get("status") == "True" and controller.kind == "ReplicaSet.apps":
        return True
    wanted, have = controller.number("spec.replicas", 1), controller.number("status.replicas")
    return have < wanted and bool(case.events(controller, NOT_CREATED))


def symptoms(case: Case, pod: SnapshotObject) -> Iterator[Focus]:
    """What one pod shows now. Of a pod that is well no more than that nobody watches over it."""
    if pod.is_deleting:
        return
    yield from _logging(case, pod)
    if is_ready(pod) and not _was_killed(case, pod):
        yield from (Focus(case, LIVENESS, pod, container) for container in containers(pod) if _is_never_asked(case, container, "liveness"))
        return
    if (held := _before_start(pod)) is not None:
        yield Focus(case, held, pod)
        return
    found = [focus for container in containers(pod) for focus in _of_container(case, pod, container)]
    yield from found
    if not found and not is_ready(pod):
        yield from (Focus(case, one, pod) for one in _without_failure(pod))
    if any(container.waiting.get("reason") in reported.FIRST_WAITS for container in containers(pod)):
        yield from _creating(case, pod)


def _without_failure(pod: SnapshotObject) -> Iterator[str]:
    """A pod that is not ready and shows no failure: its node may be the cause, or a controller that has not set a readiness gate."""
    yield CREATING
    if pod.many("spec.readinessGates") and all(one.is_ready for one in containers(pod) if one.kind == "main"):
        yield NOT_READY


def _logging(case: Case, pod: SnapshotObject) -> Iterator[Focus]:
    """Of an issue about what a log shows, the containers that run and whose log shows a failure that lasts."""
    if case.question.type in SIGNS_OF:
        yield from (Focus(case, LOGGING, pod, one) for one in containers(pod) if one.started_at is not None and run_logs.shows(case, one))


def _before_start(pod: SnapshotObject) -> str | None:
    """What keeps the whole pod from running: it was evicted, or has no node."""
    scheduled = pod.condition(pods.SCHEDULED)[1]
    if pod.text("status.reason") == "Evicted":
        return EVICTED
    if scheduled.get("status") == "False":
        return GATED if pod.many("spec.schedulingGates") else SCHEDULING
    if not scheduled and not pod.text("spec.nodeName") and pod.text("status.phase") in ("Pending", ""):
        return UNSCHEDULED
    return None


def _was_killed(case: Case, pod: SnapshotObject) -> bool:
    """Ready again, but a container exited a short while ago: the failure may return."""
    return any(container.exit and case.is_fresh(_ended_at(container)) for container in containers(pod))


def _ended_at(one: Container) -> datetime | None:
    return moment(one.exit.get("finishedAt"))


def _is_never_asked(case: Case, one: Container, which: str) -> bool:
    """Whether the kubelet could not run this probe of the container."""
    if not one.spec.get(f"{which}Probe"):
        return False
    path, told = f"{{{one.name}}}", case.events(one.pod, probes.UNHEALTHY)
    return any(
        probes.could_not_run(event.text("message"), which) and event.text("involvedObject.fieldPath").endswith(path) for event in told
    )


def _of_container(case: Case, pod: SnapshotObject, one: Container) -> Iterator[Focus]:
    waiting = _WAITING.get(str(one.waiting.get("reason") or ""))
    if waiting is not None and waiting != CRASH:
        yield Focus(case, waiting, pod, one)
        return
    if _has_failed_to_start(case, pod, one):
        yield Focus(case, STARTUP, pod, one)
    if _has_failed_hook(case, pod, one):
        yield Focus(case, HOOK, pod, one)
    is_running = bool(pod.map(f"{one.status_path}.state.running"))
    if is_running and one.kind == "init" and pod.condition(pods.INITIALIZED)[1].get("status") == "False":
        yield Focus(case, INIT, pod, one)
    yield from _of_exit(case, pod, one, is_crashing=waiting == CRASH)
    if is_running and not one.is_ready and one.kind != "init" and one.spec.get("readinessProbe"):
        yield Focus(case, READINESS, pod, one, lower=2 if _keeps_failing(case, one) else 0)


def _keeps_failing(case: Case, one: Container) -> bool:
    """Whether it has just started again after an exit with an error: then it is no wonder that it is not ready yet."""
    return one.restarts > 0 and one.exit.get("exitCode") not in (None, 0, 137, 143) and case.is_fresh(_ended_at(one))


def _has_failed_to_start(case: Case, pod: SnapshotObject, one: Container) -> bool:
    is_starting = one.status.get("started") is False
    return _is_killed_for(case, pod, one, "startup") or (is_starting and _is_never_asked(case, one, "startup"))


def _has_failed_hook(case: Case, pod: SnapshotObject, one: Container) -> bool:
    hooks = case.events(pod, *reported.HOOKS)
    return any(event.text("involvedObject.fieldPath").endswith(f"{{{one.name}}}") for event in hooks)


def _of_exit(case: Case, pod: SnapshotObject, one: Container, *, is_crashing: bool) -> Iterator[Focus]:
    """What its last exit shows."""
    ended = one.exit
    if ended.get("reason") == "OOMKilled":
        yield Focus(case, OOM, pod, one)
    elif ended.get("reason") in reported.NEVER_RAN:
        yield Focus(case, RUN, pod, one)
        yield Focus(case, CRASH, pod, one, steps=1)
    elif one.spec.get("livenessProbe") and _is_killed_for(case, pod, one, "liveness"):
        yield Focus(case, LIVENESS, pod, one)
        if ended:
            yield Focus(case, CRASH, pod, one, lower=2)
    elif is_crashing or (ended and (ended.get("exitCode") != 0 or one.restarts) and case.is_fresh(_ended_at(one))):
        yield Focus(case, CRASH, pod, one)


def _is_killed_for(case: Case, pod: SnapshotObject, one: Container, which: str) -> bool:
    """Whether the kubelet reports that it killed the container for this probe."""
    return any(probes.killed_by(event.text("message")) == (one.name, which) for event in case.events(pod, probes.KILLING))


def _creating(case: Case, pod: SnapshotObject) -> Iterator[Focus]:
    """No container runs yet: volumes, the sandbox, or too little memory to begin with."""
    if case.events(pod, *reported.NOT_MOUNTED, reported.NOT_ATTACHED):
        yield Focus(case, MOUNT, pod)
    killed = [event for event in case.events(pod, nodes.NO_SANDBOX, "Failed") if is_init_killed(event.text("message"))]
    if killed:
        waiting = [container for container in containers(pod) if container.waiting]
        for one in waiting[:1]:
            yield Focus(case, OOM, pod, one)


def _behind(case: Case, service: SnapshotObject) -> Iterator[Focus]:
    """The workloads whose pods, or whose template, the Service selects: why none of them serves."""
    selector = service.strings("spec.selector")
    chosen = case.book.object(service, "spec.selector")
    seen: set[str] = set()
    workloads = [case.workload(pod) for pod in case.snap.selected(selector, service.namespace) if not is_ready(pod)]
    for kind in LONG_RUNNING:
        for obj in case.snap.all(kind, service.namespace):
            labels = obj.strings("spec.template.metadata.labels")
            if selectors.matches(selector, labels):
                workloads.append(obj)
    for workload in workloads:
        if workload.uid in seen:
            continue
        seen.add(workload.uid)
        named = case.book.fields(workload, "metadata", "name")
        via = cite(f"Service `{service.name}` sends to {workload.short_kind} `{workload.name}`.", chosen, named)
        yield from below(case, workload, via, steps=2)


def _users(case: Case, claim: SnapshotObject) -> Iterator[Focus]:
    """Pods that wait for the claim and cannot be placed: a volume that waits for its first consumer waits for them."""
    storage_class = case.snap.find("StorageClass.storage.k8s.io", None, claim.text("spec.storageClassName"))
    if storage_class is None or storage_class.text("volumeBindingMode") != "WaitForFirstConsumer":
        return
    for pod in case.snap.all("Pod", claim.namespace):
        names = [
            v.get("persistentVolumeClaim", {}).get("claimName")
            for v in pod.many("spec.volumes")
            if isinstance(v.get("persistentVolumeClaim"), dict)
        ]
        if claim.name in names and pod.condition(pods.SCHEDULED)[1].get("status") == "False":
            via = cite(
                "The volume is created on the pod's node, and the pod is not scheduled.",
                case.book.fields(storage_class, "", "volumeBindingMode"),
            )
            yield Focus(case, SCHEDULING, pod, via=(via,), steps=1)
            return
