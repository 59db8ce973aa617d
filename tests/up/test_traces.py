"""Traces across processes: what an agent reports, until its commit in the server."""

from pathlib import Path

import pytest

from tests.support.collector import Collector, collecting, tree
from tests.up.test_demo import finish, start

pytestmark = pytest.mark.slow


def _is_reported(collector: Collector) -> bool:
    return any(one.name == "store.write" and _ancestor(collector, one.parent_id) == "optral-agent" for one in collector.spans)


def _ancestor(collector: Collector, span_id: str) -> str:
    """The service of the oldest span above one."""
    by_id = {one.span_id: one for one in collector.spans}
    service = ""
    while (one := by_id.get(span_id)) is not None:
        service, span_id = one.service, one.parent_id
    return service


async def test_what_an_agent_reports_is_one_trace_until_its_commit(tmp_path: Path) -> None:
    with collecting() as collector:
        variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "50"}
        demo = await start("demo", "--once", "--data-dir", str(tmp_path), **variables)
        code, _, errors = await finish(demo, within_s=120)
        assert code == 0, errors
        spans = collector.wait(lambda _: _is_reported(collector))
    commit = next(one for one in spans if one.name == "store.write" and _ancestor(collector, one.parent_id) == "optral-agent")
    report, ingest, *_ = tree(spans, commit.trace_id)
    assert (report, ingest.strip()) == ("optral-agent: agent.report", "optral-server: gateway.ingest")
    job = next(one for one in spans if one.name == "gateway.ingest" and one.span_id == commit.parent_id)
    assert any(one.attributes["optral.changes"] > 0 for one in spans if one.name == job.name)
    assert {one.trace_id for one in spans if one.span_id in job.links} <= {one.trace_id for one in spans if one.name == "agent.report"}


async def test_an_agent_with_a_wrong_variable_says_which(tmp_path: Path) -> None:
    agent = await start(
        "agent", "--server", "http://127.0.0.1:1", "--ca-pin", "sha256:00", "--state-dir", str(tmp_path), OTEL_EXPORTER_OTLP_ENDPOINT="x:1"
    )
    code, _, errors = await finish(agent, within_s=30)
    assert code == 2
    assert "OTEL_EXPORTER_OTLP_ENDPOINT" in errors
