"""Jobs that fail and rollouts that do not come to an end."""

from typing import Any

from optral.analysis.model import Explanation
from tests.analysis.cases.base import case, row
from tests.analysis.cases.calls import store
from tests.analysis.cases.images import pull
from tests.analysis.cluster import World, container, deployment, ended, node, obj, pod, replica_set, service, state, template


def job(reason: str, code: int = 1, log: str = "", **more: Any) -> tuple[World, Explanation]:
    conditions = [{"type": "Failed", "status": "True", "reason": reason, "message": "Job has failed"}]
    spec = {"backoffLimit": 2, "template": template(container(**more))}
    gave_up = obj("batch/v1", "Job", "report", spec=spec, status={"conditions": conditions})
    last = pod(gave_up, "report-x", status={"phase": "Failed", "containerStatuses": [state(now={"terminated": ended(code)})]})
    world = World([gave_up, last, node()], {("report-x", "api"): log} if log else {})
    return world, world.ask("JobFailed", gave_up)


def refused_by_the_store(*, by_schedule: bool) -> tuple[World, Explanation]:
    """A Job that failed while the server that it calls was scaled to zero."""
    nightly = obj("batch/v1", "CronJob", "report", spec={"schedule": "0 3 * * *"})
    conditions = [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "Job has failed"}]
    spec = {"backoffLimit": 2, "template": template(container(env=[{"name": "STORE_URL", "value": "redis://store:6379"}]))}
    owner = nightly if by_schedule else None
    gave_up = obj("batch/v1", "Job", "report-1", owner=owner, spec=spec, status={"conditions": conditions})
    last = pod(gave_up, "report-x", status={"phase": "Failed", "containerStatuses": [state(now={"terminated": ended(1)})]})
    log = "dial tcp store:6379: connect: connection refused"
    door, behind, _ = store()
    behind["spec"]["replicas"] = 0
    world = World([*([nightly] if by_schedule else []), gave_up, last, node(), door, behind], {("report-x", "api"): log})
    return world, world.ask("JobFailed", gave_up, owner=nightly if by_schedule else None)


@case("scaled_to_zero", "store")
def cannot_reach_its_store() -> tuple[World, Explanation]:
    return refused_by_the_store(by_schedule=False)


@case("scaled_to_zero", "store")
def cannot_reach_its_store_at_night() -> tuple[World, Explanation]:
    return refused_by_the_store(by_schedule=True)


row("job_deadline", "report", "ran_too_long", lambda: job("DeadlineExceeded", code=143))
row("job_script_failed", "report", "failed_each_time", lambda: job("BackoffLimitExceeded", log="ValueError: no such month"))


LEDGER = [{"name": "LEDGER_URL", "value": "http://ledger"}]


@case("service_missing", "ledger")
def calls_a_service_that_does_not_exist() -> tuple[World, Explanation]:
    return job("BackoffLimitExceeded", log="wget: bad address 'ledger'", env=LEDGER)


@case("job_script_failed", "report")
def cannot_resolve_another_host_than_the_missing_service() -> tuple[World, Explanation]:
    return job("BackoffLimitExceeded", log="wget: bad address 'mirror.example.com'", env=LEDGER)


row("missing_env_or_config", "report", "failed_for_want_of_a_setting", lambda: job("BackoffLimitExceeded", log="KeyError: 'REPORT_BUCKET'"))
row("job_policy_failed", "report", "was_ended_by_its_policy", lambda: job("PodFailurePolicy"))


@case("image_tag_not_found", "api")
def is_stuck_for_want_of_an_image() -> tuple[World, Explanation]:
    world, _ = pull("manifest unknown: not found")
    return world, world.ask("DeploymentProgressDeadlineExceeded", world.objects[0])


@case("too_slow_rollout", "api")
def is_only_slow() -> tuple[World, Explanation]:
    progress = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "timed out progressing"}
    web = deployment(status={"replicas": 1, "conditions": [progress]})
    slow = pod(replica_set(web), status={"containerStatuses": [state()]})
    world = World([web, replica_set(web), slow, node()])
    return world, world.ask("DeploymentProgressDeadlineExceeded", web)


@case("node_pressure", "node-1", "was evicted")
def was_evicted() -> tuple[World, Explanation]:
    web = deployment()
    gone = pod(web, status={"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory."})
    world = World([web, gone, node(), service()])
    return world, world.ask("ServiceNoEndpoints", world.objects[-1])
