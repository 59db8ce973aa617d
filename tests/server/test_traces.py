"""Traces of a whole server, as a collector receives them."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import httpx2
import pytest
import structlog

from optral.kit import trace_export, tracing
from optral.server import app, logs, settings
from optral.server.settings import Settings
from optral.terms.errors import Misconfigured
from optral.up import organisation
from tests.support.collector import Collector, collecting, tree

pytestmark = pytest.mark.slow  # whole servers

DRAWN = "127.0.0.1:0"
CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
UNSAMPLED = CALLER[:-1] + "0"


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with collecting() as made:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", made.url)
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
        yield made


def _settings(folder: Path) -> Settings:
    listen = {"listen": DRAWN, "enroll_listen": DRAWN, "tunnel_listen": DRAWN, "metrics_listen": DRAWN}
    return settings.load(data_dir=folder, shutdown_delay=0, **listen)


class Server(NamedTuple):
    http: httpx2.AsyncClient
    metrics_url: str

    async def metric(self, name: str) -> float:
        text = (await self.http.get(self.metrics_url, headers={"authorization": ""})).text
        return float(next(line for line in text.splitlines() if line.startswith(name)).rpartition(" ")[2])


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Server]:
    wanted = _settings(folder)
    key = await organisation.create(wanted, name="Shop", email="owner@example.org", plan="enterprise", add=False)
    async with app.running(wanted) as running:
        headers = {"authorization": f"Bearer {key}"}
        async with httpx2.AsyncClient(base_url=running.api_url, headers=headers, trust_env=False, timeout=30) as http:
            yield Server(http, f"http://{running.metrics_address}/metrics")


async def test_a_change_is_one_trace_from_the_request_to_its_commit(tmp_path: Path, collector: Collector) -> None:
    async with serving(tmp_path) as server:
        made = await server.http.post("/v1/clusters?dryRun=secret", json={"name": "prod"})
        assert made.status_code == 400  # the parameter is unknown
        made = await server.http.post("/v1/clusters", json={"name": "prod"}, headers={"traceparent": CALLER})
        assert made.status_code == 201
        spans = collector.wait(lambda spans: any(one.attributes.get("http.response.status_code") == 201 for one in spans))
    request = next(one for one in spans if one.trace_id == CALLER[3:35] and one.kind == "server")
    assert (request.service, request.name, request.parent_id) == ("optral-server", "POST /v1/clusters", CALLER[36:52])
    assert request.attributes["optral.request.id"] == made.headers["x-request-id"]
    assert request.attributes["optral.organization.id"].startswith("org_")
    commit = next(one for one in spans if one.name == "store.write" and one.parent_id == request.span_id)
    assert commit.attributes["db.system.name"] == "sqlite"
    assert commit.events == ["job begins"]
    told = json.dumps([one.attributes for one in spans]) + "".join(one.name for one in spans)
    assert "secret" not in told and "mht_" not in told
    assert tree(spans, request.trace_id)[0] == "optral-server: POST /v1/clusters"


@pytest.fixture
def json_logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Logs as JSON, until the test ends: no logger keeps that form for the tests after it."""
    root, before = logging.getLogger(), structlog.get_config()
    monkeypatch.setattr(root, "handlers", root.handlers[:])

    def configure() -> None:
        logs.configure("json")
        structlog.configure(cache_logger_on_first_use=False)

    yield configure
    structlog.configure(**before)


async def test_the_log_and_the_problem_have_the_same_trace_id(
    tmp_path: Path, collector: Collector, capsys: pytest.CaptureFixture[str], json_logs: Callable[[], None]
) -> None:
    async with serving(tmp_path) as server:
        json_logs()
        key = "mht_" + "0" * 40
        answer = await server.http.get(f"/v1/issues/{key}", headers={"traceparent": CALLER})
        problem = answer.json()
    assert problem["requestId"] == answer.headers["x-request-id"] and problem["traceId"] == CALLER[3:35]
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    line = next(one for one in lines if one.get("request_id") == problem["requestId"])
    assert line["trace_id"] == problem["traceId"]


@pytest.mark.parametrize(
    ("sampler", "argument", "given", "is_recorded"),
    [
        ("parentbased_always_off", "", CALLER, True),
        ("parentbased_always_on", "", UNSAMPLED, False),
        ("traceidratio", "0", CALLER, False),
        ("always_on", "", UNSAMPLED, True),
        ("always_off", "", CALLER, False),
    ],
)
async def test_the_operators_sampler_says_whether_a_caller_decides(
    tmp_path: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch, sampler: str, argument: str, given: str, is_recorded: bool
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", sampler)
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", argument)
    async with serving(tmp_path) as server:
        answer = await server.http.get("/v1/issues/iss_unknown", headers={"traceparent": given})
        assert answer.json()["traceId"] == CALLER[3:35]  # joins the logs of both sides, recorded or not
    assert any(one.trace_id == CALLER[3:35] for one in collector.spans) is is_recorded


WRONG = [
    *("", "garbage", "00", CALLER[:-1], CALLER + "0", CALLER + "-00", CALLER + ", " + CALLER, CALLER.upper(), CALLER.replace("-", "_")),
    *("ff" + CALLER[2:], "00-" + "0" * 32 + CALLER[35:], CALLER[:36] + "0" * 16 + "-01", CALLER.replace("7", "g"), "\xb2" + CALLER[1:]),
    *(CALLER * 250, "0" * 15_000, "-" * 15_000),
]


async def test_a_wrong_traceparent_begins_a_new_trace_and_disturbs_nothing(tmp_path: Path, collector: Collector) -> None:
    async with serving(tmp_path) as server:
        for given in (*([one] for one in WRONG), [CALLER, CALLER], [CALLER, UNSAMPLED]):
            headers = [(b"traceparent", one.encode("latin-1")) for one in given]
            answer = await server.http.get("/v1/issues/iss_unknown", headers=headers)
            assert answer.status_code == 404, (str(given)[:80], answer.status_code, answer.text)
            assert len(answer.json()["traceId"]) == 32 and answer.json()["traceId"] not in (CALLER[3:35], "0" * 32), given


@pytest.mark.parametrize(
    "state", ["vendor=1", "", ",,,", "=" * 15_000, "a=" + "\xff" * 600, ",".join(f"v{number}=1" for number in range(500))]
)
async def test_whatever_a_tracestate_says_the_trace_goes_on(tmp_path: Path, collector: Collector, state: str) -> None:
    async with serving(tmp_path) as server:
        headers = [(b"traceparent", CALLER.encode()), (b"tracestate", state.encode("latin-1"))]
        answer = await server.http.get("/v1/issues/iss_unknown", headers=headers)
        assert (answer.status_code, answer.json().get("traceId")) == (404, CALLER[3:35]), answer.text


async def test_a_later_version_of_a_traceparent_may_be_longer(tmp_path: Path, collector: Collector) -> None:
    async with serving(tmp_path) as server:
        answer = await server.http.get("/v1/issues/iss_unknown", headers={"traceparent": "01" + CALLER[2:] + "-more"})
        assert answer.json()["traceId"] == CALLER[3:35]


@pytest.mark.parametrize("sampler", ["traceidratio", "parentbased_traceidratio"])
async def test_a_share_of_new_traces_is_recorded_and_all_of_them_have_an_id(
    tmp_path: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch, sampler: str
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", sampler)
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0.25")
    async with serving(tmp_path) as server:
        ids = [(await server.http.get("/v1/issues/iss_unknown")).json()["traceId"] for _ in range(400)]
    recorded = {one.trace_id for one in collector.spans if one.name.startswith("GET")}
    assert len(set(ids)) == 400
    assert recorded == {one for one in ids if int(one[16:], 16) < 2**62}, "other services with the same share record the same traces"
    assert 60 < len(recorded) < 140


async def test_a_collector_that_hangs_or_refuses_delays_no_request_and_is_counted(
    tmp_path: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "8")
    monkeypatch.setattr(trace_export, "STOP_S", 0.2)
    collector.gate.clear()
    async with serving(tmp_path) as server:
        for _ in range(20):
            assert (await server.http.get("/v1/issues")).status_code == 200
        assert await server.metric('optral_spans_dropped_total{reason="queue_full"}') > 0
        collector.refuse = True
        collector.gate.set()
        while await server.metric('optral_spans_dropped_total{reason="export_failed"}') == 0:
            assert (await server.http.get("/v1/issues")).status_code == 200
        collector.refuse = False
        while await server.metric("optral_spans_exported_total") == 0:
            assert (await server.http.get("/v1/issues")).status_code == 200


async def test_without_a_collector_requests_are_answered_and_the_stop_is_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "20")
    monkeypatch.setattr(trace_export, "STOP_S", 0.2)
    async with serving(tmp_path) as server:
        assert (await server.http.get("/v1/issues")).status_code == 200
    assert not tracing.is_on()


WORK = """
import asyncio, sys
from pathlib import Path
import httpx2
from optral.server import app, settings
from optral.up import organisation

async def main():
    ports = dict.fromkeys(("listen", "enroll_listen", "tunnel_listen", "metrics_listen"), "127.0.0.1:0")
    wanted = settings.load(data_dir=Path(sys.argv[1]), shutdown_delay=0, **ports)
    key = await organisation.create(wanted, name="Shop", email="owner@example.org", plan="enterprise", add=False)
    async with app.running(wanted) as running:
        headers = {"authorization": f"Bearer {key}", "traceparent": sys.argv[2]}
        async with httpx2.AsyncClient(base_url=running.api_url, headers=headers, trust_env=False, timeout=30) as http:
            assert (await http.post("/v1/clusters", json={"name": "prod"})).status_code == 201
            assert (await http.get("/v1/issues")).status_code == 200
    print(*(name for name in sys.modules if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter", "opentelemetry.proto"))))

asyncio.run(main())
"""


def test_without_the_variables_a_server_that_works_loads_and_sends_nothing(tmp_path: Path) -> None:
    """Also with the switch of the specification. FastAPI loads the API of OpenTelemetry, which alone does nothing."""
    with collecting() as made:
        for number, more in enumerate(({}, {"OTEL_EXPORTER_OTLP_ENDPOINT": made.url, "OTEL_SDK_DISABLED": "true"})):
            run = [sys.executable, "-c", WORK, str(tmp_path / str(number)), CALLER]
            done = subprocess.run(run, env={**os.environ, **more}, capture_output=True, text=True, timeout=120)
            assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr
        assert made.spans == []


async def test_traces_are_off_by_default(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        assert not tracing.is_on()
        assert "traceId" not in (await server.http.get("/v1/issues/iss_unknown", headers={"traceparent": CALLER})).json()


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317", "such as http://collector:4317"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf", "set grpc"),
        ("OTEL_TRACES_SAMPLER", "sometimes", "set one of always_on"),
        ("OTEL_TRACES_SAMPLER_ARG", "1%", "a number from 0 to 1"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "none", "a whole number above 0"),
    ],
)
async def test_a_wrong_variable_stops_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "traceidratio")
    monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured, match=f"{name}.*{says}"):
        async with app.running(_settings(tmp_path)):
            pass
    assert not (tmp_path / "optral.db").exists()
