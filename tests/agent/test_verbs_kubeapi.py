"""setImage, rollback by ControllerRevisions, and rerunJob against a real kube-apiserver. No controllers: the tests play them."""

import json
from typing import Any

import pytest

from optral.agent.commands.commands_common import Failure
from optral.agent.commands.commands_writes import ANNOTATION
from optral.kube.owners import RERUN_OF
from tests.agent.kubeworld import World
from tests.support.kubedouble import path_of

pytestmark = pytest.mark.kubeapi
DIGEST = "sha256:" + "a" * 64
GENERATED = ("controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name")


async def images_of(world: World) -> list[str]:
    return [one["image"] for one in (await world.get(world.api))["spec"]["template"]["spec"]["containers"]]


@pytest.mark.parametrize(
    ("version", "image"),
    [
        pytest.param({"tag": "3"}, "shop/api:3", id="a tag"),
        pytest.param({"digest": DIGEST}, f"shop/api@{DIGEST}", id="a digest"),
        pytest.param({"tag": "3", "digest": DIGEST}, f"shop/api:3@{DIGEST}", id="both"),
    ],
)
async def test_an_image_changes_within_its_repository_in_one_container(world: World, version: dict[str, str], image: str) -> None:
    result = await world.write(world.order("setImage", **world.target(container="api", **version)))
    assert await images_of(world) == [image, "shop/side:1"]
    path = "spec.template.spec.containers[api].image"
    assert result["diff"] == [{"path": path, "from": "shop/api:2", "to": image}]
    assert result["before"] == {path: "shop/api:2"}, "what an undo needs"


async def test_an_image_of_a_container_that_is_not_there_is_refused_with_those_that_are(world: World) -> None:
    with pytest.raises(Failure, match="it has api, side") as failure:
        await world.write(world.order("setImage", **world.target(container="web", tag="3")))
    assert failure.value.code == "CONTAINER_NOT_FOUND"
    assert await images_of(world) == ["shop/api:2", "shop/side:1"]


async def make_set(world: World, kind: str, name: str = "db") -> str:
    """A StatefulSet or DaemonSet with revisions 1 and 2, the second in force; revision 9 belongs to another object."""
    plural = {"StatefulSet": "statefulsets", "DaemonSet": "daemonsets"}[kind]
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "db", "image": "shop/db:2"}]}}
    spec: dict[str, Any] = {"selector": {"matchLabels": {"app": name}}, "template": template}
    spec |= {"serviceName": name} if kind == "StatefulSet" else {}
    path = path_of(plural, name, world.namespace)
    made = await world.make(
        path, {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "namespace": world.namespace}, "spec": spec}
    )
    for number, owner in ((1, made["metadata"]["uid"]), (2, made["metadata"]["uid"]), (9, "another")):
        data = json.loads(json.dumps(made["spec"]["template"]))
        data["spec"]["containers"][0]["image"] = f"shop/db:{number}"
        meta = {
            "name": f"{name}-{number}",
            "namespace": world.namespace,
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": owner, "controller": True}],
        }
        revision = {"apiVersion": "apps/v1", "kind": "ControllerRevision", "metadata": meta, "revision": number}
        revision["data"] = {"spec": {"template": {"$patch": "replace", **data}}}
        await world.make(path_of("controllerrevisions", f"{name}-{number}", world.namespace), revision)
    return path


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet"])
async def test_a_set_goes_back_to_its_previous_revision(world: World, kind: str) -> None:
    path = await make_set(world, kind)
    target = {"kind": kind, "namespace": world.namespace, "name": "db"}
    result = await world.write(world.order("rollback", **target))
    assert (await world.get(path))["spec"]["template"]["spec"]["containers"][0]["image"] == "shop/db:1"
    assert {one["path"] for one in result["diff"]} == {"spec.template.spec.containers[db].image"}, "nothing else of the template moves"
    for revision, code in ((2, "NOTHING_TO_DO"), (9, "NOT_FOUND")):
        with pytest.raises(Failure) as failure:
            await world.write(world.order("rollback", toRevision=revision, **target))
        assert failure.value.code == code, failure.value


async def make_job(world: World, name: str = "report", *, owners: list[dict[str, Any]] | None = None, is_failed: bool = True) -> str:
    """A Job, failed as its controller would report it."""
    meta: dict[str, Any] = {
        "name": name,
        "namespace": world.namespace,
        "labels": {"app": "report", "argocd.argoproj.io/instance": "shop"},
        "annotations": {"team": "data", "meta.helm.sh/release-name": "shop"},
    }
    meta |= {"ownerReferences": owners} if owners else {}
    pod = {"restartPolicy": "Never", "containers": [{"name": "report", "image": "shop/report:1", "args": ["--day", "monday"]}]}
    spec = {"backoffLimit": 2, "template": {"metadata": {"labels": {"tier": "batch"}}, "spec": pod}}
    path = path_of("jobs", name, world.namespace, "batch/v1")
    await world.make(path, {"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "spec": spec})
    if is_failed:
        now = "2026-01-01T00:00:00Z"
        conditions = [
            {"type": one, "status": "True", "reason": "BackoffLimitExceeded", "lastTransitionTime": now}
            for one in ("FailureTarget", "Failed")
        ]
        status = {"status": {"failed": 3, "startTime": now, "conditions": conditions}}
        await world.client.patch(f"{path}/status", json.dumps(status).encode())
    return path


async def jobs_of(world: World) -> dict[str, dict[str, Any]]:
    listed = await world.client.list_all(f"/apis/batch/v1/namespaces/{world.namespace}/jobs")
    return {job["metadata"]["name"]: job for job in map(json.loads, listed)}


async def test_a_failed_job_runs_again_as_a_new_one_and_stays(world: World) -> None:
    path = await make_job(world)
    old = await world.get(path)
    order = world.order("rerunJob", namespace=world.namespace, name="report")
    dry = await world.writer.dry_run(order)
    assert set(await jobs_of(world)) == {"report"}, "a dry run creates nothing"
    result = await world.write(order)
    assert result["diff"] == dry["diff"]
    assert result["created"] == {"kind": "Job", "namespace": world.namespace, "name": "report-rerun-1"}
    jobs = await jobs_of(world)
    new = jobs["report-rerun-1"]
    assert await world.get(path) == old
    pod, before = new["spec"]["template"], old["spec"]["template"]
    assert (pod["spec"], new["spec"]["backoffLimit"]) == (before["spec"], 2)
    assert new["spec"]["selector"]["matchLabels"] == {"batch.kubernetes.io/controller-uid": new["metadata"]["uid"]}
    assert pod["metadata"]["labels"]["tier"] == "batch"
    assert all(pod["metadata"]["labels"][key] in (new["metadata"]["uid"], "report-rerun-1") for key in GENERATED)
    assert new["metadata"]["annotations"] == {"team": "data", ANNOTATION: order.id}, "Helm would take it for its own"
    labels = {key: value for key, value in new["metadata"]["labels"].items() if key not in GENERATED}
    assert labels == {"app": "report", RERUN_OF: old["metadata"]["uid"]}, "Argo CD would delete it"


async def test_the_same_command_creates_one_job_and_another_one_the_next(world: World) -> None:
    await make_job(world)
    order = world.order("rerunJob", namespace=world.namespace, name="report")
    first = await world.write(order)
    again = await world.writer.write(order, world.begin, left={})
    assert (again["created"], set(await jobs_of(world))) == (first["created"], {"report", "report-rerun-1"})
    await world.write(world.order("rerunJob", namespace=world.namespace, name="report"))
    assert set(await jobs_of(world)) == {"report", "report-rerun-1", "report-rerun-2"}


async def test_a_job_that_has_not_failed_is_not_run_again(world: World) -> None:
    await make_job(world, is_failed=False)
    with pytest.raises(Failure, match="has not failed") as failure:
        await world.write(world.order("rerunJob", namespace=world.namespace, name="report"))
    assert (failure.value.code, set(await jobs_of(world))) == ("NOTHING_TO_DO", {"report"})


async def test_a_run_of_a_cron_job_is_run_again_only_on_request_and_keeps_its_owner(world: World) -> None:
    spec = {"restartPolicy": "Never", "containers": [{"name": "report", "image": "shop/report:1"}]}
    schedule = {"schedule": "0 3 * * *", "jobTemplate": {"spec": {"template": {"spec": spec}}}}
    cron = await world.make(
        path_of("cronjobs", "nightly", world.namespace, "batch/v1"),
        {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "nightly", "namespace": world.namespace}, "spec": schedule},
    )
    owner = {"apiVersion": "batch/v1", "kind": "CronJob", "name": "nightly", "uid": cron["metadata"]["uid"], "controller": True}
    await make_job(world, "nightly-1", owners=[{**owner, "blockOwnerDeletion": True}])
    target = {"namespace": world.namespace, "name": "nightly-1"}
    with pytest.raises(Failure, match=r"CronJob nightly.*set ofCronJob") as failure:
        await world.write(world.order("rerunJob", **target))
    assert failure.value.code == "FLAG_REQUIRED"
    await world.write(world.order("rerunJob", **target, ofCronJob=True))
    meta = (await jobs_of(world))["nightly-1-rerun-1"]["metadata"]
    assert meta["ownerReferences"] == [owner]
    assert meta["annotations"]["cronjob.kubernetes.io/instantiate"] == "manual"
