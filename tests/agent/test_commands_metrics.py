"""The command `metrics`: the usage of pods and nodes that are named, as far as settings, policy and role allow it."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from optral.agent.commands import policy
from optral.agent.commands.commands_common import UsageReader
from optral.kubeapi.reflector import RawObject
from optral.terms.verbs import Metrics
from tests.agent.commanding import EVERYTHING, Agent, name
from tests.support import kubedouble

PODS = {"namespace": "shop", "names": ["api-1", "api-2"]}
REPORT = b'{"apiVersion":"usage.optral.io/v1","kind":"PodUsage","metadata":{"name":"api-1","namespace":"shop"},"status":{"containers":[]}}'


class Kubelets:
    """Knows of one pod."""

    def __init__(self, *, is_refused: bool = False) -> None:
        self.is_refused = is_refused
        self.asked: list[Metrics] = []

    async def read_now(self, params: Metrics, /) -> tuple[list[RawObject], dict[str, str]]:
        self.asked.append(params)
        return [RawObject("u-usage", "shop", "api-1", "1", REPORT)], {"api-2": "no kubelet has reported this pod yet"}


async def do(directory: Path, usage: UsageReader | None, allowed: policy.Policy = EVERYTHING, **params: Any) -> tuple[str, str, Any]:
    """(state, code, result) of the command."""
    async with kubedouble.serving() as double, Agent(double, directory, allowed=allowed, usage=usage) as agent:
        end = await agent.do("metrics", **params)
        return name(end), end.code, msgspec.json.decode(end.result_json) if end.result_json else None


async def test_it_answers_with_reports_and_why_there_is_none_of_the_others(tmp_path: Path) -> None:
    kubelets = Kubelets()
    state, _, result = await do(tmp_path, kubelets, **PODS)
    assert state == "SUCCEEDED"
    assert [one["metadata"]["name"] for one in result["reports"]] == ["api-1"]
    assert result["missing"] == {"api-2": "no kubelet has reported this pod yet"}
    assert kubelets.asked == [Metrics(namespace="shop", names=("api-1", "api-2"))]


@pytest.mark.parametrize(
    ("usage", "allowed", "state", "code"),
    [
        pytest.param(None, EVERYTHING, "REJECTED", "UNSUPPORTED", id="metrics switched off"),
        pytest.param(
            Kubelets(), policy.parse(b"reads: [get, logs]", where="x"), "REJECTED", "POLICY_DENIED", id="not listed by the policy"
        ),
        pytest.param(Kubelets(is_refused=True), EVERYTHING, "FAILED", "RBAC_DENIED", id="not allowed by the role"),
    ],
)
async def test_what_may_not_be_read_is_refused(
    tmp_path: Path, usage: UsageReader | None, allowed: policy.Policy, state: str, code: str
) -> None:
    assert (await do(tmp_path, usage, allowed, **PODS))[:2] == (state, code)


@pytest.mark.parametrize(
    "params",
    [
        pytest.param({"names": ["api-1"]}, id="pods without a namespace"),
        pytest.param({"kind": "Node", "namespace": "shop", "names": ["n1"]}, id="nodes with a namespace"),
        pytest.param({"namespace": "shop", "names": []}, id="nothing named"),
        pytest.param({"namespace": "shop", "names": [f"p{number}" for number in range(21)]}, id="too many"),
        pytest.param({"namespace": "shop", "names": ["../secrets"]}, id="no name"),
    ],
)
async def test_bad_parameters_are_refused(tmp_path: Path, params: dict[str, Any]) -> None:
    kubelets = Kubelets()
    assert (await do(tmp_path, kubelets, **params))[:2] == ("REJECTED", "INVALID")
    assert kubelets.asked == []


async def test_an_agent_without_metrics_does_not_offer_the_command(tmp_path: Path) -> None:
    async with kubedouble.serving() as double:
        for usage, is_offered in ((None, False), (Kubelets(), True)):
            async with Agent(double, None, usage=usage) as agent:
                assert ("verb:metrics" in agent.commands.capabilities()) is is_offered
