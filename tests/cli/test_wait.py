"""`optral wait`: what a pipeline gets, in exit codes and text. What healthy means: tests/api/resources/test_rollout.py."""

import json
import signal
from collections.abc import Iterator
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

from optral.api.pages.contract import FOLDER
from optral.cli import wait
from optral.cli.base.refs import Typed
from optral.client.errors import ClientError
from tests.support.commandline import optral, started
from tests.support.serving import JsonHandler, on_thread

ID, ISSUE = "res_01h455vb4pex5vsknk084sn02q", "iss_01h455vb4pex5vsknk084sn02q"
FOUND = {
    "state": "healthy", "message": "3 of 3 available", "resourceId": ID, "kind": "Deployment", "namespace": "shop", "name": "web",
    "newerThan": "2026-01-15T12:00:00Z", "issues": [], "earlierIssues": [], "coverage": {"complete": True, "summary": ""},
}  # fmt: skip
OOM = {"id": ISSUE, "severity": "high", "title": "web was OOM-killed", "cause": {"title": "The memory limit is too low"}}
FAILING = {"state": "failing", "message": "web was OOM-killed", "issues": [OOM]}


PARAMETERS = {
    one["name"]
    for one in json.loads((FOLDER / "openapi.json").read_text())["paths"]["/v1/resources/{resource_id}/rollout"]["get"]["parameters"]
}


class Server(JsonHandler):
    """Knows Deployment web of namespace shop, and what `says` of it."""

    says: ClassVar[dict[str, Any]] = {}
    names: ClassVar[list[str]] = ["web"]

    def do_GET(self) -> None:
        if "/rollout" in self.path:
            unknown = parse_qs(urlsplit(self.path).query).keys() - PARAMETERS
            self.answer(
                {"code": "unknown_parameter", "detail": f"unknown: {unknown}"} if unknown else FOUND | self.says, 400 if unknown else 200
            )
        elif self.path.startswith("/v1/clusters"):
            self.answer({"clusters": [{"id": "cls_1", "name": "production", "status": "online"}], "total": 1, "page": 1, "pageSize": 100})
        else:
            rows = [{"id": ID, "kind": "Deployment", "name": name, "cluster": "production"} for name in self.names]
            self.answer({"resources": rows, "total": len(rows), "page": 1, "pageSize": 100})


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(wait, "PAUSE_S", 0.01)
    with on_thread(Server) as address:
        yield address


@pytest.mark.parametrize(
    ("says", "code", "texts"),
    [
        ({}, 0, ["Deployment shop/web is healthy: 3 of 3 available"]),
        ({"coverage": {"complete": False, "summary": "Node cannot be read."}}, 0, ["issues may be missing: Node cannot be read."]),
        ({"earlierIssues": [OOM]}, 0, ["open since before this rollout: web was OOM-killed"]),
        (FAILING, 3, ["deploy/web is unhealthy: web was OOM-killed", "cause: The memory limit is too low", f"/issues/{ISSUE}"]),
        ({"state": "unknown", "message": "the cluster is offline"}, 4, ["was not healthy within 1s: the cluster is offline"]),
    ],
    ids=["healthy", "incomplete", "earlier issue", "unhealthy", "timeout"],
)
def test_the_exit_code_and_the_reason(url: str, monkeypatch: pytest.MonkeyPatch, says: dict[str, Any], code: int, texts: list[str]) -> None:
    monkeypatch.setattr(Server, "says", says)
    done = optral("wait", "deploy/web", "-n", "shop", "--timeout", "1s", url=url)
    assert done.returncode == code
    for text in texts:
        assert text in done.stdout + done.stderr


def test_programs_get_the_whole_answer(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Server, "says", FAILING)
    done = optral("wait", "deploy/web", "-o", "json", url=url)
    assert (done.returncode, json.loads(done.stdout)["issues"]) == (3, [OOM])


def test_a_workload_that_never_comes_is_a_timeout_and_named(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Server, "names", [])
    done = optral("wait", "deploy/web", "--timeout", "1s", url=url)
    assert done.returncode == 4
    assert "no resource is 'deploy/web'" in done.stderr


def test_a_cluster_that_does_not_exist_is_refused_at_once(url: str) -> None:
    assert optral("wait", "deploy/web", "-c", "production", url=url).returncode == 0
    done = optral("wait", "deploy/web", "-c", "prodction", url=url)
    assert done.returncode == 1
    assert "no cluster is 'prodction'" in done.stderr


def test_without_time_it_looks_once(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Server, "says", {"state": "progressing", "message": "1 of 3 available"})
    done = optral("wait", "deploy/web", "--timeout", "0", url=url)
    assert (done.returncode, done.stderr) == (4, "optral: deploy/web was not healthy within 0: 1 of 3 available\n")


@pytest.mark.parametrize(
    "words",
    [["deploy/web", "--timeout", "soon"], ["deploy/web", "--for", "ready"], [], [""], ["deploy/"], ["/web"], ["a/b/c"], ["w" * 600]],
)
def test_misuse(url: str, words: list[str]) -> None:
    assert optral("wait", *words, url=url).returncode == 2


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_an_interrupted_wait_has_the_exit_code_of_the_signal(
    url: str, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, code: int
) -> None:
    monkeypatch.setattr(Server, "says", {"state": "progressing", "message": "1 of 3 available"})
    with started("wait", "deploy/web", url=url) as running:
        assert running.stderr is not None
        assert "1 of 3 available" in running.stderr.readline()
        running.send_signal(number)
        assert running.wait(60) == code


def test_a_server_that_cannot_be_reached_is_refused_at_once() -> None:
    assert optral("wait", "deploy/web", url="http://127.0.0.1:1").returncode == 1


class Client:
    """Answers or raises one after the other; remembers what it was asked."""

    def __init__(self, *results: Any) -> None:
        self.results: Iterator[Any] = iter(results)
        self.asked: list[dict[str, Any]] = []
        self.resources = self

    def rollout(self, _id: str, **wanted: Any) -> Any:
        self.asked.append(wanted)
        result = next(self.results)
        if isinstance(result, Exception):
            raise result
        return type("Answer", (), {"value": FOUND | result})


def waited(client: Client, *, until: str = "settled") -> tuple[Any, str]:
    at = iter(range(100))
    wanted = {"until": until}
    return wait._waited(client, Typed(ID), wanted, timeout_s=50, sleep=lambda _: None, now=lambda: float(next(at)))  # type: ignore[arg-type]


def test_the_inventory_has_to_be_newer_than_the_first_request() -> None:
    client = Client({"state": "unknown", "message": "the agent has not reported since the wait began"}, {})
    answer, _ = waited(client)
    assert answer.value["state"] == "healthy"
    assert [one["newer_than"] for one in client.asked] == [None, FOUND["newerThan"]]


def test_a_server_that_goes_away_for_a_moment_is_asked_again() -> None:
    away = ClientError("unavailable", status=503, say="the server stops")
    assert waited(Client({"state": "progressing"}, away, {}))[0].value["state"] == "healthy"


def test_a_workload_that_is_deleted_and_created_again_is_waited_for() -> None:
    gone = ClientError("resource_not_found", status=404, say="there is no resource web")
    assert waited(Client({"state": "progressing"}, gone, {}))[0].value["state"] == "healthy"
    assert waited(Client({"state": "progressing"}, *[gone] * 60)) == (None, "there is no resource web")


@pytest.mark.parametrize(("code", "status"), [("unauthenticated", 401), ("forbidden", 403)])
def test_a_key_that_is_revoked_ends_the_wait(code: str, status: int) -> None:
    with pytest.raises(ClientError):
        waited(Client({"state": "progressing"}, ClientError(code, status=status, say="send a valid API key"), {}))


def test_with_keep_waiting_an_issue_may_resolve() -> None:
    assert waited(Client(FAILING, {}), until="healthy")[0].value["state"] == "healthy"
    assert waited(Client(FAILING))[0].value["state"] == "failing"


@pytest.mark.parametrize("status", [0, 404, 429, 503])
def test_a_server_that_goes_away_while_the_cause_is_awaited_takes_no_verdict_back(status: int) -> None:
    away = ClientError("unavailable", status=status, say="the server stops")
    analyzed = {"state": "failing", "issues": [OOM]}
    client = Client({"state": "failing", "issues": [OOM | {"cause": None}]}, away, analyzed)
    first, _ = waited(client)
    answer = wait._with_causes(client, first, {}, sleep=lambda _: None)  # type: ignore[arg-type]
    assert (answer.value["state"], answer.value["issues"]) == ("failing", [OOM])
