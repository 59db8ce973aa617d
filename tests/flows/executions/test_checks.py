"""What the checks of a verification say."""

from typing import Any

import pytest

from optral.flows.executions import checks
from tests.flows.executions.shop import Shop, changed

BACK_OFF = "back-off 5m0s restarting failed container=api pod=web-1_shop(uid-pod)"


@pytest.mark.parametrize(
    ("waiting", "says"),
    [
        ({"reason": "CrashLoopBackOff", "message": BACK_OFF}, ". Waiting for Kubernetes to restart the container, up to 5 min"),
        (
            {"reason": "CrashLoopBackOff", "message": BACK_OFF.replace("5m0s", "40s")},
            ". Waiting for Kubernetes to restart the container, up to 40 s",
        ),
        ({"reason": "CrashLoopBackOff"}, ". Waiting for Kubernetes to restart the container, up to 5 min"),
        ({"reason": "ContainerCreating"}, ""),
        (None, ""),
    ],
)
async def test_a_failure_that_is_still_shown_says_what_kubernetes_waits_for(shop: Shop, waiting: dict[str, Any] | None, says: str) -> None:
    issue_id = await shop.observe(shown=True)
    one = await shop.start(issue_id=issue_id)
    status = {"containerStatuses": [{"name": "api", "state": {"waiting": waiting} if waiting else {"running": {}}}]}
    await shop.show(more=[changed("Pod", "uid-pod", "shop", "web-1", "900", {"spec": {}, "status": status})])
    steps = await shop.steps(one)
    found = await shop.store.read(shop.system, lambda tx: checks.run_checks(tx, one, steps))
    assert found[-1].message == f"Pod web-1 still shows it: Container api was killed at its memory limit{says}"
