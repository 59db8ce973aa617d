"""The renewal of a certificate: one condition in the status, by which cert-manager starts an issuance, and only when it would."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.agent.commanding import Agent, name
from tests.support import kubedouble
from tests.support.kubedouble import KubeDouble, path_of

PATH = path_of("certificates", "web-tls", group="cert-manager.io/v1")
GIVEN = {"namespace": "shop", "name": "web-tls"}
READY = {"type": "Ready", "status": "True", "reason": "Ready"}


def condition(status: str, **more: Any) -> dict[str, Any]:
    return {"type": "Issuing", "status": status} | more


@pytest.fixture
async def double() -> AsyncIterator[KubeDouble]:
    async with kubedouble.serving() as made:
        put(made, READY)
        yield made


def put(double: KubeDouble, *conditions: dict[str, Any], **status: Any) -> None:
    meta = {"name": "web-tls", "namespace": "shop", "generation": 3}
    double.put(
        PATH, {"metadata": meta, "spec": {"secretName": "web-tls"}, "status": {"conditions": list(conditions), "revision": 4} | status}
    )


@pytest.mark.parametrize("others", [[READY], [READY, condition("False", reason="Failed", message="the order failed")]])
async def test_the_condition_is_set_and_nothing_else(double: KubeDouble, tmp_path: Path, others: list[dict[str, Any]]) -> None:
    put(double, *others)
    before = double.objects[PATH]
    async with Agent(double, tmp_path) as agent:
        dry, end = await agent.do("renewCertificate", dry_run=True, **GIVEN), await agent.do("renewCertificate", **GIVEN)
    assert (name(dry), name(end), double.changes) == ("SUCCEEDED", "SUCCEEDED", 1)
    ready, issuing = double.objects[PATH]["status"]["conditions"]
    assert ready == READY
    assert {key: issuing[key] for key in ("type", "status", "reason", "observedGeneration")} == {
        "type": "Issuing",
        "status": "True",
        "reason": "ManuallyTriggered",
        "observedGeneration": 3,
    }
    assert double.objects[PATH]["spec"] == before["spec"]
    assert "annotations" not in double.objects[PATH]["metadata"], "an update of the status changes no metadata"
    result = msgspec.json.decode(end.result_json)
    assert result["diff"] == msgspec.json.decode(dry.result_json)["diff"]
    assert (result["diff"][0]["path"], result["revision"]) == ("status.conditions[Issuing].status", 4)
    assert f"PATCH {PATH}/status" in double.requests


@pytest.mark.parametrize(
    ("conditions", "code", "says"),
    [
        pytest.param(
            [READY, condition("True", lastTransitionTime="2026-05-01T10:00:00Z")], "NOTHING_TO_DO", "since 2026-05-01", id="issuing"
        ),
        pytest.param([], "UNSUPPORTED", "cert-manager does not handle it", id="no status"),
    ],
)
async def test_what_would_come_to_nothing_is_refused(
    double: KubeDouble, tmp_path: Path, conditions: list[dict[str, Any]], code: str, says: str
) -> None:
    put(double, *conditions)
    async with Agent(double, tmp_path) as agent:
        end = await agent.do("renewCertificate", **GIVEN)
    assert (end.code, double.changes) == (code, 0)
    assert says in end.message


async def test_an_issuance_that_ended_before_the_answer_came_is_unknown_and_not_repeated(double: KubeDouble, tmp_path: Path) -> None:
    """cert-manager has removed the condition again, so nothing shows whose renewal it was."""

    def issued() -> None:
        put(double, READY, revision=5)

    double.faults.append("cut")
    double.before_get = lambda path: issued() if double.changes == 1 and path == PATH else None
    async with Agent(double, tmp_path) as agent:
        end = await agent.do("renewCertificate", **GIVEN)
    assert (name(end), double.changes) == ("UNKNOWN_OUTCOME", 1)
