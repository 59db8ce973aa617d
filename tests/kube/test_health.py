"""What a resource reports about itself: the conventions that every operator shares, and the kinds of common projects."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from optral.kube import health
from optral.kube.health import State, table
from tests.kube.health_examples import EXAMPLES, conditions, members, phase

UNKNOWN_KIND = "Widget.shop.example"


def of(status: Any, *, kind: str = UNKNOWN_KIND, generation: int = 1, spec: Any = None, **meta: Any) -> health.Health:
    return health.assess(kind, {"metadata": {"name": "web", "generation": generation} | meta, "spec": spec or {}, "status": status})


@pytest.mark.parametrize(
    ("status", "state"),
    [
        pytest.param(conditions("Ready=True"), State.HEALTHY, id="ready"),
        pytest.param(conditions("Ready=False:SyncFailed"), State.DEGRADED, id="a reason that names a failure"),
        pytest.param(conditions("Ready=False:Provisioning"), State.PROGRESSING, id="a reason that names work"),
        pytest.param(conditions("Ready=False"), State.PROGRESSING, id="no reason at all"),
        pytest.param(conditions("Ready=Unknown:NewThing"), State.PROGRESSING, id="unknown"),
        pytest.param(conditions("Ready=True", "Degraded=True:QuorumLost"), State.DEGRADED, id="a condition that is bad when True"),
        pytest.param(conditions("Ready=True", "Degraded=False"), State.HEALTHY, id="a condition that is good when False"),
        pytest.param(conditions("Ready=False:Working", "Stalled=True:RetryLimit"), State.DEGRADED, id="stalled"),
        pytest.param(conditions("Reconciling=True"), State.PROGRESSING, id="reconciling"),
        pytest.param(
            conditions("Available=True", "Progressing=True:NewReplicaSetAvailable"), State.HEALTHY, id="progress that is complete"
        ),
        pytest.param(conditions("Available=True", "Progressing=False:DeadlineExceeded"), State.DEGRADED, id="progress that failed"),
        pytest.param(conditions("Available=False:NoEndpointsFound"), State.DEGRADED, id="nothing found"),
        pytest.param(conditions("Suspended=True"), State.SUSPENDED, id="suspended"),
        pytest.param(conditions("LastBackupFailed=False"), State.HEALTHY, id="a failure that is not there"),
        pytest.param(conditions("ErrorsSeen=False:NoErrors"), State.HEALTHY, id="no failing word after a negation"),
        pytest.param({"conditions": [{"type": "SpecError", "message": "no such path"}]}, State.DEGRADED, id="a failure without a status"),
        pytest.param({"conditions": [{"type": "Ready", "message": "x"}]}, State.UNKNOWN, id="a condition without a status"),
        pytest.param(conditions("Info=True:Note"), State.UNKNOWN, id="a condition of no convention"),
        pytest.param(phase("Failed"), State.DEGRADED, id="a phase"),
        pytest.param(phase("CreateError", "clusterState"), State.DEGRADED, id="a state of another name"),
        pytest.param(phase("Failed", "desiredState"), State.UNKNOWN, id="a state that is only wanted"),
        pytest.param(phase("Provisioning"), State.PROGRESSING, id="a phase that moves"),
        pytest.param(phase("Running"), State.HEALTHY, id="a phase that is good"),
        pytest.param(phase("Hibernated", "state"), State.SUSPENDED, id="a phase that rests"),
        pytest.param(conditions("Ready=True", phase="Failed"), State.DEGRADED, id="a phase against a condition"),
        pytest.param({"lastError": "no such bucket"}, State.DEGRADED, id="an error text"),
        pytest.param({"error": "No error"}, State.UNKNOWN, id="a text that says that there is no error"),
        pytest.param({"lastError": "none"} | conditions("Ready=True"), State.HEALTHY, id="no error and ready"),
        pytest.param(conditions("Available=False:ScaledToZero"), State.SUSPENDED, id="somebody wants no pods"),
        pytest.param({"healthy": False}, State.DEGRADED, id="not healthy"),
        pytest.param(members("parents", "Accepted=False:InvalidKind"), State.DEGRADED, id="a part that failed"),
        pytest.param({"history": [phase("Failed")]}, State.UNKNOWN, id="a failure of the past"),
        pytest.param({}, State.UNKNOWN, id="no status"),
        pytest.param(None, State.UNKNOWN, id="null"),
        pytest.param("Running", State.UNKNOWN, id="a text"),
        pytest.param({"conditions": {"Ready": "False"}}, State.UNKNOWN, id="conditions that are no list"),
        pytest.param({"conditions": [None, 3, {"type": 4}, {"type": "Ready", "status": True}]}, State.HEALTHY, id="a Boolean status"),
    ],
)
def test_a_kind_without_rules_is_judged_by_the_conventions(status: Any, state: State) -> None:
    assert of(status).state is state


def test_a_message_decides_where_the_reason_does_not() -> None:
    reported = {"type": "Ready", "status": "False", "reason": "NotReady"}
    assert of({"conditions": [reported | {"message": "cannot reach the registry"}]}).state is State.DEGRADED
    assert of({"conditions": [reported | {"message": "waiting for two pods"}]}).state is State.PROGRESSING


@pytest.mark.parametrize(
    ("status", "message"),
    [
        pytest.param({"message": "disk full", "reason": "NoSpace"}, "NoSpace: disk full", id="a reason before the message"),
        pytest.param({"failureReason": "CreateError", "failureMessage": "quota of cores"}, "CreateError: quota of cores", id="a failure"),
        pytest.param({"reason": "NoSpace"}, "NoSpace", id="a reason alone"),
        pytest.param({"reason": "no space left", "message": "no space left on b"}, "no space left on b", id="a reason that is repeated"),
        pytest.param({"lastError": {"message": "refused", "code": 7}}, "refused", id="an error with parts"),
        pytest.param({"members": 3}, "", id="nothing"),
    ],
)
def test_a_phase_carries_what_stands_beside_it(status: Any, message: str) -> None:
    assert of(phase("Failed") | status).message == message
    assert of({"lastOperation": phase("Failed") | status}).message == message


def test_of_two_failures_the_one_that_says_why_is_shown() -> None:
    status = conditions("Ready=False:SyncFailed", "VolumesMounted=False:MountFailed")
    status["conditions"][1]["message"] = "cannot mount volume data"
    assert of(status).shown_by == "VolumesMounted"
    assert [one.shown_by for one in health.failing_conditions({"status": status})] == ["Ready", "VolumesMounted"]


def test_the_verdict_carries_the_condition_bounded() -> None:
    found = of(
        {
            "conditions": [
                {
                    "type": "Ready",
                    "status": "False",
                    "reason": "SyncFailed" * 40,
                    "message": "x" * 9000,
                    "lastTransitionTime": "2026-03-02T11:00:00Z",
                }
            ]
        }
    )
    assert (found.shown_by, found.since) == ("Ready", datetime(2026, 3, 2, 11, tzinfo=UTC))
    assert (len(found.reason), len(found.message)) == (128, 512)


@pytest.mark.parametrize("kind", [UNKNOWN_KIND, "Kustomization.kustomize.toolkit.fluxcd.io"])
def test_a_status_of_an_older_generation_is_no_verdict(kind: str) -> None:
    failed = conditions("Ready=False:BuildFailed", observedGeneration=1)
    assert of(failed, kind=kind, generation=1).state is State.DEGRADED
    assert of(failed, kind=kind, generation=2).state is State.PROGRESSING


def test_a_condition_of_an_older_generation_is_no_verdict() -> None:
    old = {"type": "Ready", "status": "False", "reason": "SyncFailed", "observedGeneration": 1}
    assert of({"conditions": [old]}, generation=2).state is State.PROGRESSING
    assert of({"conditions": [old, {"type": "Available", "status": "True"}]}, generation=2).state is State.HEALTHY


@pytest.mark.parametrize("kind", [UNKNOWN_KIND, "Kustomization.kustomize.toolkit.fluxcd.io"])
@pytest.mark.parametrize(
    "paused",
    [
        pytest.param({"spec": {"suspend": True}}, id="suspend"),
        pytest.param({"spec": {"paused": True}}, id="paused"),
        pytest.param({"annotations": {"crossplane.io/paused": "true"}}, id="annotation"),
    ],
)
def test_what_somebody_paused_is_suspended_whatever_it_reports(kind: str, paused: dict[str, Any]) -> None:
    assert of(conditions("Ready=False:BuildFailed"), kind=kind, **paused).state is State.SUSPENDED


@pytest.mark.parametrize("kind", [UNKNOWN_KIND, "Kustomization.kustomize.toolkit.fluxcd.io"])
def test_what_is_being_deleted_is_no_failure(kind: str) -> None:
    assert of(conditions("Ready=False:BuildFailed"), kind=kind, deletionTimestamp="2026-03-02T11:00:00Z").state is State.PROGRESSING


@pytest.mark.parametrize(
    ("status", "must_end"),
    [
        pytest.param(conditions("Ready=False:Provisioning"), True, id="a service that is not ready yet"),
        pytest.param(conditions("Succeeded=Unknown:Running"), False, id="work that ends by itself"),
        pytest.param(phase("InProgress"), False, id="a phase"),
    ],
)
def test_only_progress_that_must_end_can_last_too_long(status: Any, must_end: bool) -> None:
    found = of(status)
    assert (found.state, found.must_end) == (State.PROGRESSING, must_end)


@pytest.mark.parametrize(
    ("operation", "state"),
    [
        pytest.param({"phase": "Running", "retryCount": 3, "message": "Job up failed. Retrying"}, State.DEGRADED, id="it is tried again"),
        pytest.param({"phase": "Running"}, State.HEALTHY, id="it runs for the first time"),
        pytest.param({"phase": "Succeeded", "retryCount": 3}, State.HEALTHY, id="a retry succeeded"),
    ],
)
def test_a_sync_that_keeps_failing(operation: Any, state: State) -> None:
    status = {"operationState": operation, "sync": {"status": "OutOfSync"}, "health": {"status": "Healthy"}}
    assert of(status, kind="Application.argoproj.io").state is state


@pytest.mark.parametrize("kind", EXAMPLES)
def test_a_kind_with_rules(kind: str) -> None:
    failing, fine = EXAMPLES[kind]
    assert of(failing, kind=kind, spec={"replicas": 1}).state is State.DEGRADED
    assert of(fine, kind=kind, spec={"replicas": 1}).state is not State.DEGRADED


def test_each_entry_of_the_table_has_an_example() -> None:
    tried = {key for kind in EXAMPLES for key in table.RULES if table.rules_of(kind) is table.RULES[key]}
    assert set(table.RULES) - tried == set()


_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=12)
    | st.sampled_from(["False", "True", "Ready", "Failed"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["conditions", "type", "status", "phase", "reason", "parents", "state", "health", "ceph", "x"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(status=_json, spec=_json, meta=_json)
def test_no_json_makes_a_rule_raise(status: Any, spec: Any, meta: Any) -> None:
    for kind in (UNKNOWN_KIND, *EXAMPLES):
        found = health.assess(kind, {"metadata": meta, "spec": spec, "status": status})
        assert len(found.reason) <= 128
        assert len(found.message) <= 512
