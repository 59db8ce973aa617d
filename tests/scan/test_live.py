"""Scans of a cluster whose API server answers, partly fails, or is unreachable."""

import copy
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from email.utils import format_datetime
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from optral.demo.apiserver import ApiServer
from optral.demo.registry import Registry
from optral.kube.kinds import BY_ID
from optral.kubeapi.client import KubeClient
from optral.kubeapi.credentials import Access
from optral.scan import live
from optral.scan.detection import IssueFilter, detect_issues
from optral.scan.intake import Intake
from optral.scan.report import Report
from optral.scan.run import explain_roots
from optral.terms.errors import Unavailable
from tests.support import broken

Manifest = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LOG = "2026-01-01 starting\nFATAL: cannot reach db:5432, password=correct-horse-battery\n"


class Cluster:
    """An API server with the given manifests; `answers` replaces the responses of some paths. Its clock stands at the time of the
    manifests, so that results do not depend on when the tests run."""

    def __init__(self, manifests: list[Manifest]) -> None:
        self.registry = Registry()
        self.answers: dict[str, tuple[int, str]] = {}
        self.fails_after: dict[str, int] = {}
        for one in manifests:
            group = one["apiVersion"].rpartition("/")[0]
            self.registry.put(BY_ID[f"{one['kind']}.{group}" if group else one["kind"]], one)

    def app(self) -> web.Application:
        app = ApiServer(self.registry, token="t", read_log=lambda *_: LOG).app()
        app.middlewares.append(self._answer)
        app.on_response_prepare.append(self._dated)
        return app

    @web.middleware
    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if (wanted := self.answers.get(request.path)) is not None:
            status, reason = wanted
            left = self.fails_after.get(request.path, 0)
            self.fails_after[request.path] = left - 1
            if left <= 0:
                return web.json_response({"kind": "Status", "code": status, "reason": reason, "message": "no"}, status=status)
        return await handler(request)

    async def _dated(self, request: web.Request, response: web.StreamResponse) -> None:
        response.headers["Date"] = format_datetime(datetime.fromisoformat(broken.ago(0)), usegmt=True)


@pytest.fixture
async def cluster(manifests: list[Manifest]) -> AsyncIterator[tuple[Cluster, KubeClient]]:
    shown = Cluster(copy.deepcopy(manifests))
    async with asking(shown.app()) as client:
        yield shown, client


async def _headers() -> dict[str, str]:
    return {"Authorization": "Bearer t"}


@asynccontextmanager
async def asking(app: web.Application) -> AsyncIterator[KubeClient]:
    async with TestServer(app) as server:
        access = Access(server=str(server.make_url("")).rstrip("/"), name="demo", headers=_headers)
        async with KubeClient(access) as client:
            yield client


async def read(client: KubeClient, *namespaces: str, keep: bool = False) -> Intake:
    intake = Intake(keep=keep)
    await live.read(client, intake, namespaces=frozenset(namespaces), progress=lambda _: None)
    return intake


async def test_finds_the_same_issues_in_a_cluster_as_in_its_dump(cluster: tuple[Cluster, KubeClient], manifests: list[Manifest]) -> None:
    intake = await read(cluster[1])
    assert (intake.gaps, intake.object_count) == ([], len(manifests))
    assert len(detect_issues(intake, IssueFilter()).roots) == len(broken.FAILURES)


async def test_an_api_server_that_cannot_say_what_may_be_read_adds_no_line_to_the_report(
    cluster: tuple[Cluster, KubeClient], capsys: pytest.CaptureFixture[str]
) -> None:
    assert (await read(cluster[1])).gaps == []
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("path", "answer", "says"),
    [
        pytest.param("/api/v1/pods", (500, "InternalError"), "failed or was truncated", id="the list fails"),
        pytest.param("/api/v1/pods", (403, "Forbidden"), "may not be listed", id="not allowed"),
        pytest.param("/apis/apps/v1/deployments", (404, "NotFound"), "does not know it", id="a kind that must be there"),
    ],
)
async def test_a_list_that_fails_is_a_gap(cluster: tuple[Cluster, KubeClient], path: str, answer: tuple[int, str], says: str) -> None:
    cluster[0].answers[path] = answer
    (gap,) = (await read(cluster[1])).gaps
    assert gap.what == path.rpartition("/")[2]
    assert says in gap.why


async def test_a_truncated_list_is_a_gap_and_its_first_pages_count(
    cluster: tuple[Cluster, KubeClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "PAGE", 20)
    cluster[0].answers["/api/v1/pods"] = (500, "InternalError")
    cluster[0].fails_after["/api/v1/pods"] = 2
    intake = await read(cluster[1])
    assert [gap.what for gap in intake.gaps] == ["pods"]
    assert len(list(intake.view.all("Pod"))) == 40


async def test_restarts_a_list_that_expires(cluster: tuple[Cluster, KubeClient], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "PAGE", 20)
    expired = {"left": 2}

    @web.middleware
    async def once(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path == "/api/v1/pods" and request.query.get("continue"):
            expired["left"] -= 1
            if expired["left"] == 0:
                return web.json_response({"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"}, status=410)
        return await handler(request)

    app = cluster[0].app()
    app.middlewares.append(once)
    async with asking(app) as client:
        intake = await read(client)
    assert intake.gaps == []
    assert len(list(intake.view.all("Pod"))) == 70


async def test_lists_single_namespaces_if_the_whole_cluster_is_forbidden(cluster: tuple[Cluster, KubeClient]) -> None:
    cluster[0].answers["/api/v1/pods"] = (403, "Forbidden")
    intake = await read(cluster[1], "team-01", "team-02")
    assert intake.gaps == []
    assert intake.namespaces == {"team-01", "team-02"}
    assert "Pod" in intake.listed_kinds
    assert {pod.namespace for pod in intake.view.all("Pod")} == {"team-01", "team-02"}


async def test_an_incomplete_list_shows_nothing_to_be_missing(cluster: tuple[Cluster, KubeClient]) -> None:
    for path in ("/api/v1/pods", "/api/v1/namespaces/team-02/pods", "/api/v1/services"):
        cluster[0].answers[path] = (403, "Forbidden")
    intake = await read(cluster[1], "team-01", "team-02")
    assert {"Pod", "Deployment.apps"} & intake.listed_kinds == {"Deployment.apps"}


async def test_explains_with_redacted_log_lines(cluster: tuple[Cluster, KubeClient]) -> None:
    intake = await read(cluster[1], keep=True)
    result = detect_issues(intake, IssueFilter(types=frozenset({"CrashLoopBackOff"}), namespaces=frozenset({"team-01"})))
    await live.read_logs(cluster[1], intake, result.roots, progress=lambda _: None)
    assert {key.previous for key in intake.logs} == {True, False}
    analyses = explain_roots(intake, result, progress=lambda _: None)
    text = json.dumps(Report(source="demo", now_from="", intake=intake, result=result, analyses=analyses).shape())
    assert "cannot reach" in text
    assert "correct-horse" not in text


async def test_containers_that_never_ran_do_not_count_against_the_limit_of_logs(
    cluster: tuple[Cluster, KubeClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MAX_LOGS", 2)
    intake = await read(cluster[1])
    roots = sorted(detect_issues(intake, IssueFilter()).roots, key=lambda root: root.type == "CrashLoopBackOff")
    await live.read_logs(cluster[1], intake, roots, progress=lambda _: None)
    assert len(intake.logs) == 2


async def test_gaps_with_the_same_reason_are_one_line(cluster: tuple[Cluster, KubeClient]) -> None:
    for kind in BY_ID.values():
        cluster[0].answers[kind.path] = (403, "Forbidden")
    intake = await read(cluster[1])
    report = Report(source="demo", now_from="", intake=intake, result=detect_issues(intake, IssueFilter()))
    [line] = report.missing()
    assert line.startswith("namespaces, ")
    assert f" and {len(intake.gaps) - 8} more (use -o json to list them): may not be listed with these credentials" in line


@pytest.mark.parametrize("answer", [(401, "Unauthorized"), None])
async def test_states_why_nothing_can_be_read(cluster: tuple[Cluster, KubeClient], answer: tuple[int, str] | None) -> None:
    client = cluster[1]
    if answer is None:
        client = KubeClient(Access(server="http://127.0.0.1:1", name="gone"))
    else:
        cluster[0].answers["/version"] = answer
    with pytest.raises(Unavailable) as raised:
        await read(client)
    assert "context" in raised.value.say
    await client.close()
