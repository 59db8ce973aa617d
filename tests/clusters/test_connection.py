"""What somebody who connects a cluster is shown: the steps, what holds them back, and what to do."""

from datetime import UTC, datetime, timedelta

import pytest

from optral.clusters import connection
from optral.clusters.connection import TEXTS, Attempt, Code, Evidence, Progress, Skew, StepState
from optral.clusters.model import Cluster, ClusterStatus

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
STEPS = ("reached", "enrolled", "connected", "inventory", "ready")


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def seen(code: Code, seconds: float, **more: object) -> Attempt:
    return Attempt(code=code, count=1, first_at=at(seconds), last_at=at(seconds), **more)  # type: ignore[arg-type]


def progress(
    *attempts: Attempt,
    now_s: float = 10,
    status: ClusterStatus = ClusterStatus.PENDING,
    synced: bool = False,
    forbidden: tuple[str, ...] = (),
    lacks_metrics: bool = False,
    **facts: object,
) -> Progress:
    cluster = Cluster(
        id="cls_a", org_id="org_a", name="shop", status=status, created_at=at(0), updated_at=at(0),
        synced_at=at(5) if synced else None, **facts,  # type: ignore[arg-type]
    )  # fmt: skip
    return connection.judge(
        Evidence(
            cluster=cluster,
            attempts=attempts,
            since=at(0),
            forbidden=forbidden,
            lacks_metrics=lacks_metrics,
            now=at(now_s),
            server_version="0.3.0",
        )
    )


def states(found: Progress) -> list[str]:
    assert [step.id for step in found.steps] == list(STEPS)
    return [step.state.value for step in found.steps]


def test_nothing_seen_yet_is_no_problem_until_a_minute_has_passed() -> None:
    assert states(progress()) == ["current", "waiting", "waiting", "waiting", "waiting"]
    assert progress().problem is None
    late = progress(now_s=60)
    assert late.problem is not None and late.problem.code == "no_contact"
    assert states(late)[0] == "failed"


@pytest.mark.parametrize(
    ("attempts", "done", "code"),
    [
        pytest.param([seen(Code.REACHED, 1)], 1, "enroll_port_unreachable", id="enroll port closed"),
        pytest.param([seen(Code.REACHED, 1), seen(Code.ENROLLED, 2)], 2, "tunnel_unreachable", id="tunnel port closed"),
        pytest.param([seen(Code.CA_PIN_MISMATCH, 1)], 1, "ca_pin_mismatch", id="another server's pin"),
        pytest.param([seen(Code.REACHED, 1), seen(Code.TOKEN_USED, 2)], 1, "token_used", id="used token"),
        pytest.param([seen(Code.TOKEN_USED, 1), seen(Code.TOKEN_EXPIRED, 9)], 1, "token_expired", id="the last one"),
        pytest.param([seen(Code.ENROLLED, 5), seen(Code.CLUSTER_MISMATCH, 6)], 2, "cluster_mismatch", id="after the token"),
    ],
)
def test_the_step_that_fails_says_why(attempts: list[Attempt], done: int, code: str) -> None:
    found = progress(*attempts, now_s=120)
    assert states(found)[: done + 2] == ["done"] * done + ["failed", "waiting"]
    assert found.problem is not None and found.problem.code == code
    assert found.problem.message and found.problem.fix


def test_an_agent_that_reaches_the_api_again_and_again_cannot_reach_the_enroll_port() -> None:
    again = Attempt(code=Code.REACHED, count=9, first_at=at(1), last_at=at(58))
    assert progress(again, now_s=60).problem is None
    found = progress(again, now_s=61).problem
    assert found is not None and found.code == "enroll_port_unreachable"
    before = Attempt(code=Code.REACHED, count=9, first_at=at(-500), last_at=at(58))
    assert progress(before, now_s=61).problem is None, "it first came with an earlier token"


def test_a_refusal_does_not_count_once_the_agent_got_further() -> None:
    found = progress(seen(Code.TOKEN_USED, 1), seen(Code.ENROLLED, 2))
    assert found.problem is None
    assert states(found)[:3] == ["done", "done", "current"]


def test_what_is_older_than_the_newest_token_is_history() -> None:
    found = progress(seen(Code.TOKEN_EXPIRED, -5), seen(Code.ENROLLED, -100))
    assert (states(found)[0], found.problem) == ("current", None)
    assert [one.code for one in found.attempts] == [Code.TOKEN_EXPIRED, Code.ENROLLED]


def test_a_connected_cluster_is_ready_once_its_inventory_is_complete() -> None:
    assert states(progress(status=ClusterStatus.ONLINE)) == ["done", "done", "done", "current", "waiting"]
    ready = progress(seen(Code.TOKEN_USED, 9), status=ClusterStatus.ONLINE, synced=True)
    assert ready.is_ready
    assert ready.problem is None, "a second agent with the spent token does not hold the first one back"


@pytest.mark.parametrize(("offset_ms", "said"), [(30_000, None), (30_001, "30 seconds ahead"), (-7_200_000, "7200 seconds behind")])
def test_a_clock_that_is_off_is_named_at_the_first_contact(offset_ms: int, said: str | None) -> None:
    warnings = [one.message for one in progress(seen(Code.REACHED, 1, clock_offset_ms=offset_ms)).warnings]
    assert (said is None and not warnings) or (said is not None and said in warnings[0])


def test_kinds_that_rbac_forbids_are_named_and_ready_does_not_hide_them() -> None:
    found = progress(status=ClusterStatus.ONLINE, synced=True, forbidden=("Node", "Secret"))
    (warning,) = found.warnings
    assert warning.code == "kinds_forbidden"
    assert "2 kinds: Node, Secret" in warning.message
    assert (found.is_ready, states(found)) == (True, ["done"] * 4 + ["limited"])
    assert found.steps[-1].title == "Ready, but 2 kinds cannot be read"


@pytest.mark.parametrize(("forbidden", "missing"), [((), "metrics"), (("Node",), "1 kind and metrics")])
def test_missing_metrics_are_named_as_metrics(forbidden: tuple[str, ...], missing: str) -> None:
    found = progress(status=ClusterStatus.ONLINE, synced=True, forbidden=forbidden, lacks_metrics=True)
    assert found.steps[-1].title == f"Ready, but {missing} cannot be read"
    assert found.warnings[-1].code == "metrics_forbidden"
    assert "nodes/metrics" in found.warnings[-1].message


def test_a_connection_that_is_not_ready_is_not_limited_yet() -> None:
    assert states(progress(status=ClusterStatus.ONLINE, forbidden=("Node",))) == ["done", "done", "done", "current", "waiting"]


def test_an_approval_is_waited_for_and_is_no_failure() -> None:
    found = progress(seen(Code.REACHED, 1), seen(Code.APPROVAL_PENDING, 2), now_s=3600)
    assert states(found) == ["done", "current", "waiting", "waiting", "waiting"]
    assert found.problem is not None
    assert (found.problem.code, found.problem.fix) == (
        "approval_pending",
        "Approve it: optral fleet approve cls_a, or on the cluster's page.",
    )
    refused = progress(seen(Code.APPROVAL_PENDING, 2), seen(Code.SOURCE_NOT_ALLOWED, 3))
    assert states(refused)[1] == "failed", "a refusal after it is a failure"


@pytest.mark.parametrize(
    ("agent", "server", "expected"),
    [
        ("0.3.0", "0.3.9", Skew.CURRENT),
        ("0.2.5", "0.3.0", Skew.BEHIND),
        ("0.1.0", "0.3.0", Skew.TOO_OLD),
        ("0.4.0", "0.3.0", Skew.AHEAD),
        ("0.3.0rc1", "0.3.0", Skew.CURRENT),
        ("0.3.0-rc.1", "0.3.0", Skew.CURRENT),
        ("1.9.3", "2.0.0", Skew.BEHIND),
        ("1.9.3", "2.1.0", Skew.TOO_OLD),
        ("", "0.3.0", Skew.UNKNOWN),
        ("dev", "0.3.0", Skew.UNKNOWN),
        (None, "0.3.0", Skew.UNKNOWN),
    ],
)
def test_skew(agent: str | None, server: str, expected: Skew) -> None:
    assert connection.skew(agent, server) is expected
    assert (connection.skew_warning(agent, server) is None) == (expected in (Skew.CURRENT, Skew.UNKNOWN))


def test_an_agent_that_is_too_old_is_a_warning_with_the_remedy() -> None:
    (warning,) = progress(status=ClusterStatus.ONLINE, synced=True, agent_version="0.1.0").warnings
    assert warning.code == "version_skew"
    assert "0.1.0" in warning.message and "Upgrade the agent to 0.3.0" in warning.fix


def test_every_code_has_its_texts() -> None:
    assert set(TEXTS) == set(Code)
    assert all(fix for code, (_, fix) in TEXTS.items() if code.is_refusal)
    assert StepState.FAILED.value == "failed"
