"""Changes of the demo cluster: the right fix ends a fault, any other does not, a dry run changes nothing."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from optral.demo import faults
from optral.demo.registry import Registry
from optral.demo.scenario import PAST_S, Act, Scenario
from optral.demo.shop import WORKLOADS
from optral.demo.world import App, World
from optral.demo.writes import Refused, Writes, merged
from optral.kube.kinds import BY_ID

FAULTS = (
    Act(at_s=4, play=faults.out_of_memory("shop", "catalog")),
    Act(at_s=5, play=faults.image_not_found("payments", "ledger", tag="x")),
)
NOON = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
DEPLOYMENT, POD, NODE = BY_ID["Deployment.apps"], BY_ID["Pod"], BY_ID["Node"]
SERVICE, QUOTA = BY_ID["Service"], BY_ID["ResourceQuota"]


class Demo:
    """A demo cluster at second 25, with the two faults that these tests fix; the hour around them has its own tests."""

    def __init__(self, script: Sequence[Act] = FAULTS) -> None:
        self.registry = Registry()
        self.world = World(self.registry, seed=20, start=NOON - timedelta(seconds=PAST_S))
        self.world.build(WORKLOADS)
        self.scenario = Scenario(self.world, script, start=NOON)
        self.writes = Writes(self.world, self.scenario.start)
        self.second = 25.0
        self.scenario.advance(self.second)

    def patch(self, namespace: str, name: str, spec: dict[str, Any], *, dry_run: bool = False, **metadata: Any) -> dict[str, Any]:
        raw = self.writes.patch(DEPLOYMENT, namespace, name, {"metadata": metadata, "spec": spec}, dry_run=dry_run)
        answer: dict[str, Any] = msgspec.json.decode(raw)
        return answer

    def selector(self) -> dict[str, str]:
        found: dict[str, str] = msgspec.json.decode(self.registry.get(SERVICE, "shop", "reviews").raw)["spec"]["selector"]  # type: ignore[union-attr]
        return found

    def after(self, seconds: float) -> None:
        self.second += seconds
        self.scenario.advance(self.second)

    def app(self, namespace: str, name: str) -> App:
        return self.world.apps[namespace, name]

    def reasons(self, namespace: str, name: str) -> set[str]:
        """What the containers of a workload's pods wait for or were killed for last."""
        found = set()
        for pod in self.app(namespace, name).pods:
            for status in pod["status"].get("containerStatuses", []):
                found.add(status.get("state", {}).get("waiting", {}).get("reason", ""))
                found.add(status.get("lastState", {}).get("terminated", {}).get("reason", ""))
        return found - {""}


@pytest.fixture
async def demo() -> Demo:
    return Demo()


def limit(memory: str) -> dict[str, Any]:
    return {"template": {"spec": {"containers": [{"name": "catalog", "resources": {"limits": {"memory": memory}}}]}}}


def roll_back(demo: Demo, key: tuple[str, str]) -> None:
    good = demo.app(*key).replica_sets[-2]["spec"]["template"]
    demo.patch(*key, {"template": {"$patch": "replace", **good}})


FIXES: dict[str, Callable[[Demo, tuple[str, str]], object]] = {
    "memory": lambda demo, key: demo.patch(*key, limit("384Mi")),
    "restart": lambda demo, key: demo.writes.delete(POD, key[0], demo.app(*key).pods[0]["metadata"]["name"], {}, dry_run=False),
    "rollback": roll_back,
}


async def test_a_raised_limit_ends_the_kills(demo: Demo) -> None:
    assert "OOMKilled" in demo.reasons("shop", "catalog")
    demo.patch("shop", "catalog", limit("768Mi"))
    demo.after(120)
    assert demo.reasons("shop", "catalog") == set()
    assert all(pod["spec"]["containers"][0]["resources"]["limits"]["memory"] == "768Mi" for pod in demo.app("shop", "catalog").pods)


RETURNING = (
    ("memory", faults.out_of_memory("shop", "catalog"), ("shop", "catalog")),
    ("restart", faults.liveness_kills("shop", "checkout"), ("shop", "checkout")),
    ("rollback", faults.image_not_found("payments", "ledger", tag="x"), ("payments", "ledger")),
)


@pytest.mark.parametrize(("by", "fault", "key"), RETURNING, ids=[by for by, *_ in RETURNING])
@pytest.mark.parametrize("is_fixed", [True, False], ids=["fixed by a user", "left alone"])
async def test_a_fault_returns_only_where_no_user_has_fixed_it(by: str, fault: Any, key: tuple[str, str], is_fixed: bool) -> None:
    demo = Demo((Act(at_s=4, play=fault, lasts_s=120, again_s=300),))
    if is_fixed:
        FIXES[by](demo, key)
    demo.after(200)
    assert key not in demo.world.faults
    demo.after(260)
    assert (key in demo.world.faults) is not is_fixed


async def test_a_lost_node_that_a_user_cordoned_is_not_lost_again() -> None:
    demo = Demo((Act(at_s=4, play=faults.node_silent("worker-6"), lasts_s=60, again_s=100),))
    demo.writes.patch(NODE, "", "worker-6", {"metadata": {}, "spec": {"unschedulable": True}}, dry_run=False)
    demo.after(100)
    assert "worker-6" not in demo.world.lost_nodes
    demo.after(60)
    assert "worker-6" not in demo.world.lost_nodes
    assert demo.world.nodes["worker-6"]["spec"]["unschedulable"] is True


async def test_a_selector_that_a_user_corrected_stays() -> None:
    fault = faults.selector_matches_nothing("shop", "reviews", selector="review")
    demo = Demo((Act(at_s=4, play=fault, lasts_s=60, again_s=100),))
    assert demo.selector() == {"app": "review"}
    demo.writes.patch(SERVICE, "shop", "reviews", {"metadata": {}, "spec": {"selector": {"app": "reviews"}}}, dry_run=False)
    for _ in range(4):
        demo.after(60)
        assert demo.selector() == {"app": "reviews"}


@pytest.mark.parametrize(("hard", "pods"), [("2500m", 5), ("4", 5), ("1200m", 2)])
async def test_a_quota_that_a_user_raised_far_enough_lets_the_pods_in(hard: str, pods: int) -> None:
    demo = Demo((Act(at_s=4, play=faults.over_quota("reports", "renderer", replicas=5, cpu="1"), lasts_s=600, again_s=100),))
    demo.writes.patch(QUOTA, "reports", "compute", {"metadata": {}, "spec": {"hard": {"requests.cpu": hard}}}, dry_run=False)
    demo.after(60)
    app = demo.app("reports", "renderer")
    assert len([pod for pod in app.pods if pod["status"]["phase"] == "Running"]) == pods
    assert bool(app.replica_sets[-1]["status"].get("conditions")) is (pods < 5)
    demo.after(900)
    assert app.desired == pods, "a quota that was raised stays, and so does the scale; the other fault ends by itself"


async def test_a_lower_limit_does_not(demo: Demo) -> None:
    demo.patch("shop", "catalog", limit("16Mi"))
    demo.after(120)
    assert "OOMKilled" in demo.reasons("shop", "catalog")


async def test_the_previous_template_ends_a_bad_rollout(demo: Demo) -> None:
    assert "ImagePullBackOff" in demo.reasons("payments", "ledger")
    good = demo.app("payments", "ledger").replica_sets[-2]["spec"]["template"]
    demo.patch("payments", "ledger", {"template": {"$patch": "replace", **good}})
    demo.after(30)
    assert demo.reasons("payments", "ledger") == set()


async def test_every_rollout_has_a_revision_of_its_own_so_that_there_is_one_to_go_back_to(demo: Demo) -> None:
    app, key = demo.app("shop", "orders"), "deployment.kubernetes.io/revision"
    for number in range(7):
        demo.patch("shop", "orders", {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": str(number)}}}})
        demo.after(60)
    assert [int(one["metadata"]["annotations"][key]) for one in app.replica_sets] == [5, 6, 7, 8]
    assert app.object["metadata"]["annotations"][key] == "8"


async def test_a_restart_of_a_healthy_workload_replaces_its_pods(demo: Demo) -> None:
    before = {pod["metadata"]["uid"] for pod in demo.app("shop", "orders").pods}
    demo.patch("shop", "orders", {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "now"}}}})
    demo.after(120)
    after = {pod["metadata"]["uid"] for pod in demo.app("shop", "orders").pods}
    assert len(after) == len(before)
    assert not after & before


async def test_scaling_a_healthy_workload_brings_pods_and_takes_them(demo: Demo) -> None:
    usual = len(demo.app("shop", "accounts").pods)
    demo.patch("shop", "accounts", {"replicas": usual + 2})
    demo.after(15)
    assert len(demo.app("shop", "accounts").pods) == usual + 2
    demo.patch("shop", "accounts", {"replicas": usual})
    assert len(demo.app("shop", "accounts").pods) == usual


async def test_a_dry_run_answers_and_changes_nothing(demo: Demo) -> None:
    version = demo.registry.version
    shown = demo.patch("shop", "catalog", limit("768Mi"), dry_run=True)
    assert shown["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"] == "768Mi"
    assert demo.registry.version == version


async def test_another_version_is_a_conflict(demo: Demo) -> None:
    with pytest.raises(Refused) as refused:
        demo.patch("shop", "catalog", limit("768Mi"), resourceVersion="1")
    assert refused.value.status == 409


async def test_a_deleted_pod_of_a_failing_rollout_comes_back_failing(demo: Demo) -> None:
    [bad] = [pod for pod in demo.app("payments", "ledger").pods if "waiting" in pod["status"]["containerStatuses"][0]["state"]]
    name = bad["metadata"]["name"]
    demo.writes.delete(POD, "payments", name, {}, dry_run=False)
    assert demo.registry.get(POD, "payments", name) is None
    demo.after(20)
    assert demo.reasons("payments", "ledger") & {"ImagePullBackOff", "ErrImagePull"}


async def test_a_cordoned_node_is_marked(demo: Demo) -> None:
    demo.writes.patch(NODE, "", "worker-1", {"metadata": {}, "spec": {"unschedulable": True}}, dry_run=False)
    stored = demo.registry.get(NODE, "", "worker-1")
    assert stored is not None
    assert msgspec.json.decode(stored.raw)["spec"]["unschedulable"] is True


@pytest.mark.parametrize(
    ("before", "patch", "after"),
    [
        ({"a": 1, "b": {"c": 2}}, {"b": {"d": 3}}, {"a": 1, "b": {"c": 2, "d": 3}}),
        ({"a": 1}, {"a": None}, {}),
        ([{"name": "x", "v": 1}, {"name": "y"}], [{"name": "x", "v": 2}], [{"name": "x", "v": 2}, {"name": "y"}]),
        ({"a": {"b": 1}}, {"a": {"$patch": "replace", "c": 2}}, {"a": {"c": 2}}),
        ([1, 2], [3], [3]),
    ],
)
def test_merges_as_a_strategic_patch_does(before: Any, patch: Any, after: Any) -> None:
    assert merged(before, patch) == after
