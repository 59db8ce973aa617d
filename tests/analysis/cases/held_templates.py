"""Templates that are corrected already and wait: for a broken pod, for a person, or for a rollout that is paused."""

from copy import deepcopy
from typing import Any

from optral.analysis.model import Explanation
from tests.analysis.cases.base import case
from tests.analysis.cluster import Json, World, container, deployment, ended, node, obj, pod, replica_set, state, template, waiting

PULLING = waiting("ImagePullBackOff", 'Back-off pulling image "registry.test/team/db:9.9": not found')


def of_revision(owner: Json, ordinal: int, revision: str, status: Json, *, ready: bool = False) -> Json:
    labels = {**owner["spec"]["template"]["metadata"]["labels"], "controller-revision-hash": revision}
    return pod(owner, f"db-{ordinal}", ready=ready, metadata={"labels": labels}, status={"containerStatuses": [status]})


def stateful_set(*, broken: Json | None = None, rest: str = "db-1", revision: str = "db-2", **spec: Any) -> tuple[World, Json, Json]:
    """A StatefulSet whose last pod fails at a revision that its template does not have any more."""
    spec = {"replicas": 3, "template": template(container("db"))} | spec
    status = {"replicas": 3, "readyReplicas": 2, "currentRevision": "db-1", "updateRevision": "db-3", "updatedReplicas": 0}
    db = obj("apps/v1", "StatefulSet", "db", spec=spec, status=status)
    failing = of_revision(db, 2, revision, broken or state("db", now=PULLING))
    others = [of_revision(db, ordinal, rest, state("db", ready=True), ready=True) for ordinal in (0, 1)]
    return World([db, failing, *others, node()]), db, failing


@case("update_held_back", "db", "waits for its broken pod")
def waits_for_its_broken_pod() -> tuple[World, Explanation]:
    world, db, failing = stateful_set()
    return world, world.ask("ImagePullBackOff", failing, owner=db, container="db")


@case("update_held_back", "db", "waits for a pod that crashes")
def waits_for_a_pod_that_crashes() -> tuple[World, Explanation]:
    broken = state("db", restarts=7, now=waiting("CrashLoopBackOff"), last=ended(1))
    world, db, _ = stateful_set(broken=broken)
    return world, world.ask("StatefulSetUpdateStuck", db)


@case("update_held_back", "db", "waits for somebody to delete its broken pod")
def waits_for_somebody() -> tuple[World, Explanation]:
    world, db, failing = stateful_set(updateStrategy={"type": "OnDelete"})
    return world, world.ask("ImagePullBackOff", failing, owner=db, container="db")


def paused_with_another_image(image: str = "registry.test/team/api:1.5", *, is_paused: bool = True) -> tuple[World, Explanation]:
    old = template(container(image="registry.test/team/api:1.4"))
    new = deepcopy(old)
    new["spec"]["containers"][0]["image"] = image
    web = deployment(of=new)
    web["spec"]["paused"] = is_paused
    between = replica_set(web, of=old)
    status = {"phase": "Pending", "containerStatuses": [state(now=waiting("ImagePullBackOff", "api:1.4: not found"))]}
    failing = pod(between, status=status)
    world = World([web, between, failing, node()])
    return world, world.ask("ImagePullBackOff", failing, owner=web, container="api")
