"""What the controllers of Kubernetes do in the demo cluster: they derive counts and conditions from the pods.

ReplicaSets, Deployments, StatefulSets, DaemonSets, EndpointSlices and disruption budgets follow the pods, so all objects agree.
"""

from datetime import timedelta

from optral.demo import objects, pods
from optral.demo.objects import stamp
from optral.demo.registry import Manifest
from optral.demo.shop import NODES
from optral.demo.state import App, State

PROGRESS_DEADLINE_S = 600


class Controllers:
    """The controllers of one cluster."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._slices: dict[tuple[str, str], Manifest] = {}
        self._routed: dict[tuple[str, str], str] = {}  # the version of each Service when its slice was written

    def settle(self) -> None:
        """Update every count and condition, but only for workloads with changes: half an hour has 470 steps."""
        moved = [app for app in self._state.apps.values() if app.rollout_since is not None or app.settled != _versions(app)]
        for app in moved:
            app.settled = _versions(app)  # before: what counting saves is counted once more, as generations follow each other
            if app.spec.kind == "Deployment":
                self._count_deployment(app)
            elif app.spec.kind == "StatefulSet":
                self._count_stateful_set(app)
            else:
                self._count_daemon_set(app)
        namespaces = {app.spec.namespace for app in moved}
        for key, service in self._state.services.items():
            if key[0] in namespaces or self._routed.get(key) != service["metadata"]["resourceVersion"]:
                self._route(key, service)
                self._routed[key] = service["metadata"]["resourceVersion"]
        for app, budget in self._state.budgets:
            healthy, least = _ready(app.pods), budget["spec"]["minAvailable"]
            budget["status"] = {"currentHealthy": healthy, "desiredHealthy": least, "expectedPods": app.desired}
            budget["status"] |= {"disruptionsAllowed": max(0, healthy - least), "observedGeneration": 1}
            self._state.save(budget)

    def _count_deployment(self, app: App) -> None:
        for replica_set in app.replica_sets:
            own = _owned(app.pods, replica_set)
            ready = _ready(own)
            failure = [entry for entry in replica_set["status"].get("conditions", []) if entry["type"] == "ReplicaFailure"]
            replica_set["status"] = {
                "replicas": len(own),
                "fullyLabeledReplicas": len(own),
                "observedGeneration": replica_set["metadata"].get("generation", 1),
            }
            replica_set["status"] |= {"readyReplicas": ready, "availableReplicas": ready} if ready else {}
            replica_set["status"] |= {"conditions": failure} if failure else {}
            self._state.save(replica_set)
        newest = app.replica_sets[-1]
        updated, ready, desired = _owned(app.pods, newest), _ready(app.pods), app.desired
        app.object["spec"]["replicas"] = desired
        status: Manifest = {"observedGeneration": app.object["metadata"].get("generation", 1), "replicas": len(app.pods)}
        status |= {"updatedReplicas": len(updated), "readyReplicas": ready, "availableReplicas": ready}
        if missing := max(0, max(desired, len(app.pods)) - ready):
            status["unavailableReplicas"] = missing
        known = {entry["type"]: entry for entry in app.object.get("status", {}).get("conditions", [])}
        status["conditions"] = [self._availability(app, known.get("Available"), ready), self._progress(app, known.get("Progressing"))]
        status["conditions"] += newest["status"].get("conditions", [])
        app.object["status"] = status
        self._state.save(app.object)
        if (now_at := app.object["metadata"].get("generation", 1)) != status["observedGeneration"]:
            status["observedGeneration"] = now_at
            self._state.save(app.object)

    def _availability(self, app: App, known: Manifest | None, ready: int) -> Manifest:
        if ready >= app.desired - app.desired // 4:
            return self._condition(app, known, "Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
        return self._condition(
            app, known, "Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability."
        )

    def _progress(self, app: App, known: Manifest | None) -> Manifest:
        newest = app.replica_sets[-1]
        name = newest["metadata"]["name"]
        if app.rollout_since is not None and _ready(_owned(app.pods, newest)) >= app.desired == len(app.pods):
            app.rollout_since = None
        if app.rollout_since is None:
            message = f'ReplicaSet "{name}" has successfully progressed.'
            return self._condition(app, known, "Progressing", "True", "NewReplicaSetAvailable", message)
        if self._state.now - app.rollout_since >= timedelta(seconds=PROGRESS_DEADLINE_S):
            message = f'ReplicaSet "{name}" has timed out progressing.'
            return self._condition(app, known, "Progressing", "False", "ProgressDeadlineExceeded", message)
        return self._condition(app, known, "Progressing", "True", "ReplicaSetUpdated", f'ReplicaSet "{name}" is progressing.')

    def _condition(self, app: App, known: Manifest | None, type_: str, status: str, reason: str, message: str) -> Manifest:
        if known is not None and (known["status"], known["reason"], known["message"]) == (status, reason, message):
            return known
        since = stamp(app.created if known is None else self._state.now)
        moved = known["lastTransitionTime"] if known is not None and known["status"] == status else since
        return {"type": type_, "status": status, "reason": reason, "message": message, "lastUpdateTime": since, "lastTransitionTime": moved}

    def _count_stateful_set(self, app: App) -> None:
        ready, revision = _ready(app.pods), f"{app.spec.name}-{objects.template_hash(*app.key)}"
        app.object["spec"]["replicas"] = app.desired
        self._state.save(app.object)
        status = {"observedGeneration": app.object["metadata"].get("generation", 1), "replicas": len(app.pods)}
        status |= {"currentReplicas": len(app.pods), "updatedReplicas": len(app.pods), "readyReplicas": ready, "availableReplicas": ready}
        app.object["status"] = status | {"currentRevision": revision, "updateRevision": revision, "collisionCount": 0}
        self._state.save(app.object)

    def _count_daemon_set(self, app: App) -> None:
        ready, desired = _ready(app.pods), len(NODES)
        status = {"observedGeneration": app.object["metadata"].get("generation", 1), "desiredNumberScheduled": desired}
        status |= {"currentNumberScheduled": len(app.pods), "updatedNumberScheduled": len(app.pods), "numberMisscheduled": 0}
        status |= {"numberReady": ready, "numberAvailable": ready} | ({"numberUnavailable": desired - ready} if desired > ready else {})
        app.object["status"] = status
        self._state.save(app.object)

    def _route(self, key: tuple[str, str], service: Manifest) -> None:
        """The EndpointSlice of a Service: every pod that its selector matches, ready or not."""
        selector = service["spec"]["selector"].items()
        matching = [
            pod
            for app in self._state.apps.values()
            if app.spec.namespace == key[0]
            for pod in app.pods
            if selector <= pod["metadata"]["labels"].items()
        ]
        endpoints = [_endpoint(pod) for pod in matching if pod["status"].get("podIP")]
        port = service["spec"]["ports"][0]
        known = self._slices.get(key)
        if known is None:
            name = f"{key[1]}-{objects.suffix(self._state.rng)}"
            labels = {"kubernetes.io/service-name": key[1], "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"}
            meta = objects.metadata(
                self._state.rng,
                name,
                namespace=key[0],
                created=self._state.apps[key].created,
                labels=labels,
                owner=service,
                manager="kube-controller-manager",
            )
            known = objects.manifest("EndpointSlice.discovery.k8s.io", meta, addressType="IPv4")
            self._slices[key] = known
        known["endpoints"] = sorted(endpoints, key=lambda entry: entry["targetRef"]["name"]) or None
        known["ports"] = [{"name": port["name"], "port": port["targetPort"], "protocol": "TCP"}] if endpoints else None
        self._state.save(known)


def _versions(app: App) -> tuple[int | str, ...]:
    """The versions of all objects from which the counts of a workload follow."""
    return app.desired, *(manifest["metadata"]["resourceVersion"] for manifest in (app.object, *app.replica_sets, *app.pods))


def _owned(all_pods: list[Manifest], owner: Manifest) -> list[Manifest]:
    return [pod for pod in all_pods if pod["metadata"]["ownerReferences"][0]["uid"] == owner["metadata"]["uid"]]


def _ready(all_pods: list[Manifest]) -> int:
    return sum(1 for pod in all_pods if pods.is_ready(pod))


def _endpoint(pod: Manifest) -> Manifest:
    ready = pods.is_ready(pod)
    target = {"kind": "Pod", "namespace": pod["metadata"]["namespace"], "name": pod["metadata"]["name"], "uid": pod["metadata"]["uid"]}
    conditions = {"ready": ready, "serving": ready, "terminating": False}
    return {"addresses": [pod["status"]["podIP"]], "conditions": conditions, "nodeName": pod["spec"]["nodeName"], "targetRef": target}
