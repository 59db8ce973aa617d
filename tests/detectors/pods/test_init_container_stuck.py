import pytest

from optral.kube.objects import KubeObject
from tests.detectors.build import at, condition, container, found, only, pod, running, status, terminated, waiting, when

TYPE = "InitContainerStuck"
WAITS = status(state=waiting("PodInitializing"))


def initializing(*init: dict[str, object], specs: list[dict[str, object]] | None = None, **more: object) -> KubeObject:
    conditions = [condition("PodScheduled"), condition("Initialized", "False", reason="ContainersNotInitialized")]
    given = {"phase": "Pending", "conditions": conditions} | more
    return pod(WAITS, init=specs or [container("migrate")], init_statuses=list(init), **given)  # type: ignore[arg-type]


def migrate(state: dict[str, object], **more: object) -> dict[str, object]:
    return status("migrate", state=state, ready=False, **more)  # type: ignore[arg-type]


def test_it_is_stuck_after_ten_minutes() -> None:
    [finding] = found(initializing(migrate(running(700))))
    assert (finding.type, finding.part, finding.since, finding.opens_at) == (TYPE, "migrate", when(700), when(100))
    assert finding.title == "Pod shop/api-5d4f9c-x1 cannot start: init container migrate does not finish"


def test_an_annotation_allows_a_longer_migration() -> None:
    for text, patience_s in (("7200", 7200), ("0", 0), ("-5", 600), ("soon", 600), ("9" * 400, 600), ("\u0663", 600)):
        shown = initializing(migrate(running(700)), meta={"annotations": {"optral.ai/init-timeout-seconds": text}})
        [finding] = only(TYPE, shown)
        assert finding.opens_at == when(700 - patience_s)


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(initializing(migrate(terminated(ago=9, reason="Completed", code=0))), id="it has ended well"),
        pytest.param(
            initializing(migrate(waiting("CrashLoopBackOff"), last=terminated(ago=9), restarts=4)), id="it crashes, which is another type"
        ),
        pytest.param(
            initializing(migrate(running(7000)), specs=[container("migrate", restartPolicy="Always")]),
            id="a native sidecar is to keep running",
        ),
        pytest.param(initializing(migrate(running(7000)), phase="Running"), id="the pod runs"),
        pytest.param(initializing(migrate(running(7000)), conditions=[condition("Initialized")]), id="initialised"),
        pytest.param(initializing(migrate(running(7000)), meta={"deletionTimestamp": at(9)}), id="being deleted"),
        pytest.param(
            initializing(migrate(running(7000)), conditions=[condition("DisruptionTarget", reason="EvictionByEvictionAPI")]), id="drained"
        ),
    ],
)
def test_other_containers_are_not_stuck(shown: KubeObject) -> None:
    assert only(TYPE, shown) == []


def test_it_is_the_same_at_each_examination() -> None:
    shown = initializing(migrate(running(700)))
    assert only(TYPE, shown) == only(TYPE, shown)
