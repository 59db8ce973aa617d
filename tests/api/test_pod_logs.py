"""Logs of many pods over HTTP: merged, followed by a cursor while pods come and go, bounded, and honest about what is not in them."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa

from optral.access import service as access
from optral.commands.model import Command, Report, State
from optral.commands.tables import command_outputs, commands as commands_table
from optral.flows.clusters import pod_logs
from optral.kube.changes import ObjectChange, Op
from optral.resources import reports
from optral.terms import actor as actors
from optral.terms.actor import agent as agent_actor
from optral.terms.ids import ClusterId
from tests.api.conftest import Api
from tests.api.resources.test_logs import agent, present
from tests.api.seeds import report
from tests.support.objects import change, reference

ABLE = ("commands.v1", "logs.v2")
Answer = Callable[[Command], Report | None]


class Cluster:
    """What an agent would read: lines by (pod, container), as (time, text). Names in `fails` have a code and a message."""

    def __init__(self) -> None:
        self.logs: dict[tuple[str, str], list[tuple[str, str]]] = {}
        self.fails: dict[str, tuple[str, str]] = {}
        self.uids: dict[str, str] = {}
        self.restarts: dict[str, int] = {}
        self.earlier: set[str] = set()

    def __call__(self, command: Command) -> Report:
        rows, sources = [], []
        for number, source in enumerate(command.params["sources"]):
            pod, container = source["pod"], source.get("container", "")
            code, message = self.fails.get(pod, ("", ""))
            if not code:
                rows += [(at, number, text) for at, text in self._new(source)]
            sources.append(
                {
                    "pod": pod, "container": container, "podUid": self.uids.get(pod, f"uid-{pod}"), "code": code, "message": message,
                    "restarts": self.restarts.get(pod, 0), "hasEarlier": pod in self.earlier,
                }
            )  # fmt: skip
        text = "".join(f"{number} {at} {line}\n" for at, number, line in sorted(rows, key=lambda row: row[0]))
        result = {"sources": sources, "text": text, "lines": len(rows)}
        return Report(command_id=command.id, attempt=command.attempt, state=State.SUCCEEDED, result=result)

    def _new(self, source: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        after, seen = source.get("after", ""), source.get("seen", 0)
        for at, text in self.logs.get((source["pod"], source.get("container", "")), ()):
            if at == after and seen:
                seen -= 1
            elif at >= after:
                yield at, text


def at(second: int) -> str:
    return f"2026-01-02T03:04:{second:02d}.000000000Z"


async def put(api: Api, cluster_id: str, name: str, *containers: str, owner: str = "", kind: str = "Pod", op: Op = Op.UPSERT) -> None:
    body = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": one} for one in containers or ("app",)]}}
    above = reference("Deployment.apps", owner, f"uid-{owner}") if owner else None
    await report(api, cluster_id, change(kind, name, uid=f"uid-{name}", owner=above, **body)._replace(op=op))


@pytest.fixture
async def web(api: Api) -> tuple[str, str]:
    """(cluster id, id of a Deployment with the pods web-1 and web-2)"""
    cluster_id = await api.new_cluster("shop")
    await put(api, cluster_id, "web", kind="Deployment.apps")
    for name in ("web-1", "web-2"):
        await put(api, cluster_id, name, "app", "proxy", owner="web")
    listed = (await api.get("/v1/resources?kind=Deployment")).json()
    return cluster_id, listed["resources"][0]["id"]


async def read(api: Api, **given: Any) -> dict[str, Any]:
    answer = await api.get("/v1/logs?" + urlencode(given, doseq=True))
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def lines(body: dict[str, Any]) -> list[str]:
    return [f"{body['sources'][one['source']]['pod']} {one['text']}" for one in body["lines"]]


@pytest.fixture
def cluster() -> Cluster:
    made = Cluster()
    made.logs = {("web-1", "app"): [(at(1), "one"), (at(3), "three")], ("web-2", "app"): [(at(2), "two")]}
    return made


@pytest.fixture
async def able(api: Api, web: tuple[str, str], cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(pod_logs, "LOOK_EVERY_S", 0.01)
    async with agent(api, web[0], cluster) as there:
        await present(api, web[0], capabilities=ABLE)
        yield there


async def test_the_pods_of_a_workload_are_read_with_one_command_and_merged(api: Api, web: tuple[str, str], able: Any) -> None:
    body = await read(api, resource=web[1])
    assert lines(body) == ["web-1 one", "web-2 two", "web-1 three"]
    assert [one["time"] for one in body["lines"]] == [at(1), at(2), at(3)]
    assert [(one["pod"], one["container"], one["state"], one["cluster"]) for one in body["sources"]] == [
        ("web-1", "app", "read", "shop"),
        ("web-2", "app", "read", "shop"),
    ]
    assert len(able.asked) == 1


async def test_a_cursor_gives_what_is_new_and_only_that(api: Api, web: tuple[str, str], able: Any, cluster: Cluster) -> None:
    first = await read(api, resource=web[1])
    again = await read(api, resource=web[1], cursor=first["cursor"])
    assert again["lines"] == []
    cluster.logs[("web-1", "app")] += [(at(3), "three, the same instant"), (at(4), "four")]
    more = await read(api, resource=web[1], cursor=again["cursor"], tailLines=2000)
    assert lines(more) == ["web-1 three, the same instant", "web-1 four"]
    assert (await read(api, resource=web[1], cursor=more["cursor"]))["lines"] == []


async def test_waiting_ends_with_the_first_new_line(api: Api, web: tuple[str, str], able: Any, cluster: Cluster) -> None:
    first = await read(api, resource=web[1])
    looks = len(able.asked)
    answer = cluster.__call__

    def later(command: Command) -> Report:
        if len(able.asked) == looks + 3:
            cluster.logs[("web-2", "app")].append((at(9), "at last"))
        return answer(command)

    able.answer = later
    assert lines(await read(api, resource=web[1], cursor=first["cursor"], wait=10)) == ["web-2 at last"]


async def test_pods_that_come_and_go_are_followed_and_named(api: Api, web: tuple[str, str], able: Any, cluster: Cluster) -> None:
    first = await read(api, resource=web[1])
    await put(api, web[0], "web-1", op=Op.DELETE)
    await put(api, web[0], "web-3", owner="web")
    cluster.logs[("web-3", "app")] = [(at(5), "hello")]
    body = await read(api, resource=web[1], cursor=first["cursor"])
    assert lines(body) == ["web-3 hello"]
    assert [(one["pod"], one["state"], one["isNew"]) for one in body["sources"]] == [
        ("web-2", "read", False),
        ("web-3", "read", True),
        ("web-1", "gone", False),
    ]
    later = await read(api, resource=web[1], cursor=body["cursor"])
    assert [one["pod"] for one in later["sources"]] == ["web-2", "web-3"], "said once"


async def test_a_log_that_cannot_be_read_is_said_beside_the_others(api: Api, web: tuple[str, str], able: Any, cluster: Cluster) -> None:
    cluster.fails["web-1"] = ("NOT_STARTED", "waiting to start: ImagePullBackOff")
    body = await read(api, resource=web[1])
    assert lines(body) == ["web-2 two"]
    assert [(one["state"], one.get("reason")) for one in body["sources"]] == [
        ("waiting", "waiting to start: ImagePullBackOff"),
        ("read", None),
    ]
    cluster.fails.clear()
    assert lines(await read(api, resource=web[1], cursor=body["cursor"])) == ["web-1 one", "web-1 three"], "all of it, once it has started"


async def test_a_pod_that_was_replaced_under_its_name_is_gone(api: Api, web: tuple[str, str], able: Any, cluster: Cluster) -> None:
    cluster.uids["web-1"] = "uid-of-its-successor"
    body = await read(api, resource=web[1])
    assert lines(body) == ["web-2 two"]
    assert body["sources"][0]["state"] == "gone"


async def test_missing_lines_and_restarts_are_said(api: Api, web: tuple[str, str], able: Any, cluster: Cluster) -> None:
    first = await read(api, resource=web[1])
    cluster.earlier, cluster.restarts = {"web-1"}, {"web-2": 1}
    body = await read(api, resource=web[1], cursor=first["cursor"])
    assert [(one["hasEarlier"], one["restarted"]) for one in body["sources"]] == [(True, False), (False, True)]
    assert able.asked[-1].params["sources"][1]["restarts"] == 0, "so the agent knows which run was read last"


async def test_containers_are_chosen_by_name_or_all_of_them(api: Api, web: tuple[str, str], able: Any, cluster: Cluster) -> None:
    cluster.logs[("web-1", "proxy")] = [(at(2), "proxied")]
    body = await read(api, resource=web[1], allContainers="true")
    assert [(one["pod"], one["container"]) for one in body["sources"]] == [
        ("web-1", "app"), ("web-1", "proxy"), ("web-2", "app"), ("web-2", "proxy"),
    ]  # fmt: skip
    assert lines(await read(api, resource=web[1], container="proxy")) == ["web-1 proxied"]
    answer = await api.get(f"/v1/logs?resource={web[1]}&container=db")
    assert (answer.status_code, answer.json()["code"]) == (404, "container_not_found")


async def test_pods_are_found_by_labels_too(api: Api, web: tuple[str, str], able: Any) -> None:
    await put(api, web[0], "lonely")
    body = await read(api, cluster="shop", namespace="shop", label="app:web")
    assert [one["pod"] for one in body["sources"]] == ["lonely", "web-1", "web-2"]
    assert (await api.get("/v1/logs?cluster=shop&namespace=shop&label=app:none")).status_code == 404


async def test_the_agent_chooses_the_container_of_a_pod_whose_manifest_is_not_known(
    api: Api, web: tuple[str, str], able: Any, cluster: Cluster
) -> None:
    change = ObjectChange(Op.UPSERT, "Pod", "uid-huge", "shop", "huge", "1", b'{"metadata": {"name": "huge", "uid": "uid-huge"}}')
    doer = agent_actor(api.org, ClusterId(web[0]))
    await api.store.write(doer, lambda tx: reports.apply(tx, web[0], [change], offset=timedelta()))
    pod = (await api.get("/v1/resources?name=huge")).json()["resources"][0]["id"]
    cluster.logs[("huge", "")] = [(at(1), "hello")]
    body = await read(api, resource=pod)
    assert lines(body) == ["huge hello"]
    assert "container" not in able.asked[-1].params["sources"][0]


async def test_what_is_beyond_the_bound_is_counted(api: Api, web: tuple[str, str], able: Any) -> None:
    for number in range(3, 26):
        await put(api, web[0], f"web-{number}", owner="web")
    body = await read(api, resource=web[1])
    assert (len(body["sources"]), body["leftOut"]) == (20, 5)
    both = await read(api, cluster="shop", namespace="shop", label="app:web", allContainers="true")
    assert (len({one["pod"] for one in both["sources"]}), both["leftOut"]) == (20, 5)


async def test_nothing_of_a_log_stays_in_the_database(api: Api, web: tuple[str, str], able: Any) -> None:
    await read(api, resource=web[1])

    def kept(tx: Any) -> list[Any]:
        return [tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in (commands_table, command_outputs)]

    assert await api.store.read(actors.system(), kept) == [0, 0]


async def test_a_read_is_audited_once_while_it_goes_on(api: Api, web: tuple[str, str], able: Any) -> None:
    async def audited() -> list[Any]:
        found = await api.store.read(actors.system(api.org), lambda tx: access.records_after(tx, 0))
        return [json.loads(one.detail)["sources"] for one in found if one.action == "command.logs"]

    body = await read(api, resource=web[1])
    for _ in range(3):
        body = await read(api, resource=web[1], cursor=body["cursor"])
    assert await audited() == [["web-1/app", "web-2/app"]]
    await put(api, web[0], "web-3", owner="web")
    body = await read(api, resource=web[1], cursor=body["cursor"])
    assert await audited() == [["web-1/app", "web-2/app"], ["web-1/app", "web-2/app", "web-3/app"]], "another pod is another read"
    api.clock.advance(601)
    await present(api, web[0], capabilities=ABLE)
    await read(api, resource=web[1], cursor=body["cursor"])
    assert len(await audited()) == 3


async def test_a_cursor_of_another_request_is_refused(api: Api, web: tuple[str, str], able: Any) -> None:
    cursor = (await read(api, resource=web[1]))["cursor"]
    for query in (f"resource={web[1]}&allContainers=true", f"resource={web[1]}&cursor=AAAA"):
        answer = await api.get(f"/v1/logs?{query}" + ("" if "cursor" in query else f"&cursor={cursor}"))
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")


async def test_an_agent_that_leaves_in_the_middle_is_said_and_the_cursor_stays_good(
    api: Api, web: tuple[str, str], able: Any, cluster: Cluster
) -> None:
    cursor = (await read(api, resource=web[1]))["cursor"]
    await present(api, web[0], status="offline", capabilities=ABLE)
    answer = await api.get(f"/v1/logs?resource={web[1]}&cursor={cursor}&wait=5")
    assert (answer.status_code, answer.json()["code"]) == (409, "cluster_offline")
    await present(api, web[0], capabilities=ABLE)
    cluster.logs[("web-2", "app")].append((at(8), "meanwhile"))
    assert lines(await read(api, resource=web[1], cursor=cursor)) == ["web-2 meanwhile"]


async def test_one_cluster_that_is_away_does_not_hide_the_other(api: Api, web: tuple[str, str], able: Any) -> None:
    other = await api.new_cluster("elsewhere")
    await put(api, other, "web-9")
    pod = (await api.get("/v1/resources?cluster=elsewhere&kind=Pod")).json()["resources"][0]["id"]
    await present(api, other, status="offline")
    body = await read(api, resource=[web[1], pod])
    assert len(body["lines"]) == 3
    assert [(one["state"], "not connected" in one.get("reason", "")) for one in body["sources"]] == [
        ("read", False), ("read", False), ("failed", True),
    ]  # fmt: skip


async def test_an_agent_that_never_answers_is_not_waited_for_without_end(
    api: Api, web: tuple[str, str], able: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(pod_logs, "ANSWER_S", 0.3)
    able.answer = lambda _command: None
    answer = await api.get(f"/v1/logs?resource={web[1]}")
    assert (answer.status_code, answer.json()["code"]) == (503, "agent_slow")


@pytest.mark.parametrize(
    "result",
    [{}, {"sources": 3, "text": 7}, {"sources": [None, {"code": 5}], "text": "9 x y\nno number\n\n0"}, {"sources": [{}], "text": "0 - \n"}],
)
async def test_a_result_of_another_form_breaks_nothing(api: Api, web: tuple[str, str], able: Any, result: Any) -> None:
    able.answer = lambda command: Report(command_id=command.id, attempt=command.attempt, state=State.SUCCEEDED, result=result)
    body = await read(api, resource=web[1])
    assert len(body["sources"]) == 2
    await read(api, resource=web[1], cursor=body["cursor"])


async def test_an_old_agent_is_to_be_upgraded(api: Api, web: tuple[str, str]) -> None:
    await present(api, web[0])
    answer = await api.get(f"/v1/logs?resource={web[1]}")
    assert (answer.status_code, answer.json()["code"]) == (409, "agent_too_old")


@pytest.mark.parametrize(
    "query",
    [
        "",
        "cluster=shop",
        "cluster=shop&namespace=shop",
        "label=app:web",
        "tailLines=0",
        "tailLines=2001",
        "wait=11",
        "follow=true",
        "label=app",
    ],
)
async def test_parameters_beyond_the_contract_are_refused(api: Api, web: tuple[str, str], query: str) -> None:
    prefix = f"resource={web[1]}&" if "=" in query and "cluster" not in query and "label" not in query else ""
    assert (await api.get(f"/v1/logs?{prefix}{query}")).status_code in (400, 422)


async def test_what_owns_no_pods_and_what_does_not_exist_is_said(api: Api, web: tuple[str, str]) -> None:
    await put(api, web[0], "settings", kind="ConfigMap")
    other = (await api.get("/v1/resources?kind=ConfigMap")).json()["resources"][0]["id"]
    answer = await api.get(f"/v1/logs?resource={other}")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_pods")
    assert (await api.get("/v1/logs?resource=res_01jd3q4m6ve5jt8cmykq3rzm0a")).status_code == 404


async def test_a_key_without_the_scope_or_of_another_cluster_reads_no_log(api: Api, web: tuple[str, str], able: Any) -> None:
    cursor = (await read(api, resource=web[1]))["cursor"]
    blind = await api.new_key(scopes={"resources:read"})
    assert (await api.get(f"/v1/logs?resource={web[1]}", key=blind)).status_code == 403
    elsewhere = await api.new_cluster("elsewhere")
    stranger = await api.new_key(scopes={"logs:read", "resources:read"}, clusters={elsewhere})
    assert (await api.get(f"/v1/logs?resource={web[1]}", key=stranger)).status_code == 404
    assert (await api.get("/v1/logs?cluster=shop&namespace=shop&label=app:web", key=stranger)).status_code == 404
    assert (await api.get(f"/v1/logs?resource={web[1]}&cursor={cursor}", key=stranger)).status_code in (200, 404)
