"""Commands that print what is in a cluster say how old it is when its agent is not connected."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest

from optral.cli import reference
from tests.support.commandline import optral
from tests.support.serving import JsonHandler, on_thread

NAMES = {"cluster": "production", "clusterId": "cls_1", "namespace": "shop"}
ISSUE = {
    "id": "iss_01h455vb4pex5vsknk084sn02q", "type": "OOMKilled", "severity": "critical", "status": "open", "resource": "api-1",
    "resourceKind": "Pod", "detectedAt": "2026-01-15T10:30:00Z", "hasAnalysis": True, "title": "Killed", "count": 1, **NAMES,
}  # fmt: skip
RESOURCE = {"id": "res_01h455vb4pex5vsknk084sn02q", "kind": "Pod", "name": "api-1", "status": "Running", "manifest": "kind: Pod\n", **NAMES}
CLUSTER = {"id": "cls_01h455vb4pex5vsknk084sn02q", "name": "production", "status": "offline", "counts": {"openIssues": 3}}
PAGE = {"total": 1, "page": 1, "pageSize": 20}

SHOWS_A_CLUSTER: dict[str, list[str]] = {
    "clusters list": [],
    "clusters get": [CLUSTER["id"]],  # type: ignore[list-item]
    "issues list": [],
    "issues get": [str(ISSUE["id"])],
    "issues explain": [str(ISSUE["id"])],
    "issues captured": [str(ISSUE["id"])],
    "resources list": [],
    "resources get": [str(RESOURCE["id"])],
    "resources manifest": [str(RESOURCE["id"])],
    "resources diff": [str(RESOURCE["id"]), str(RESOURCE["id"])],
    "resources compare": [str(RESOURCE["id"]), str(RESOURCE["id"])],
    "resources counts": [],
    "resources events": [str(RESOURCE["id"])],
    "resources history": [str(RESOURCE["id"])],
    "resources tree": [str(RESOURCE["id"])],
}
"""Arguments of each command whose output must say so."""

SHOWS_NONE = {
    "resources logs": "read from the cluster at that moment",
    "issues watch": "events as they happen; `line_of` has a test of its own",
    "issues history": "a record",
    "issues comments": "a record",
    "events list": "a record",
    "events watch": "a record",
}


def answer_of(path: str, freshness: dict[str, Any]) -> dict[str, Any]:
    where = path.partition("?")[0].removeprefix("/v1/")
    if where.endswith("/captured"):
        return {"logs": [], "events": [], "changes": [], **freshness}
    if where.startswith("clusters"):
        one = CLUSTER | {"inventory": freshness}
        return one if "/" in where else {"clusters": [one], **PAGE}
    if where == "resources/counts":
        return {"counts": [{"cluster": "production", "kind": "Pod", "count": 7, **freshness}], "total": 7}
    if where.startswith("resources/") and where.endswith(("/events", "/history")):
        return {where.rpartition("/")[2]: [], **PAGE, **freshness}
    if where.endswith("/tree"):
        return {"root": RESOURCE | freshness, "owners": [], "children": [], "truncated": False}
    if where == "resources/compare":
        side = RESOURCE | freshness
        return {"left": side, "right": side, "differences": [], "truncated": False, "ignored": [], "incomplete": False}
    row = (RESOURCE if where.startswith("resources") else ISSUE) | freshness
    if "/" not in where:
        return {where: [row], **PAGE}
    analysis = {"id": "ana_1", "status": "inconclusive", "summary": "none", **freshness}
    return row | ({"analysis": analysis} if where.startswith("issues") else {})


@pytest.fixture(scope="module")
def urls() -> Iterator[dict[bool, str]]:
    """Servers that answer with the same cluster: connected (False) and not (True)."""

    def answering(freshness: dict[str, Any]) -> AbstractContextManager[str]:
        class Server(JsonHandler):
            def do_GET(self) -> None:
                self.answer(answer_of(self.path, freshness))

        return on_thread(Server)

    with answering({"stale": False}) as connected, answering({"stale": True, "staleSince": "2026-01-15T10:30:00Z"}) as stale:
        yield {False: connected, True: stale}


def test_every_command_that_reads_has_a_decision() -> None:
    """Of the groups that show what is in clusters; a new command of theirs needs a row."""
    reading = {
        "list",
        "get",
        "explain",
        "captured",
        "manifest",
        "diff",
        "compare",
        "counts",
        "logs",
        "watch",
        "comments",
        "history",
        "tree",
        "events",
    }
    groups = {"clusters", "issues", "resources", "events"}
    paths = [path[1:] for path, _ in reference.pages() if len(path) > 2]
    shown = {" ".join(path) for path in paths if path[0] in groups and path[-1] in reading}
    assert shown == SHOWS_A_CLUSTER.keys() | SHOWS_NONE.keys()


@pytest.mark.parametrize("command", SHOWS_A_CLUSTER)
def test_output_says_how_old_it_is_only_when_it_is(urls: dict[bool, str], command: str) -> None:
    words = [*command.split(), *SHOWS_A_CLUSTER[command]]
    stale, current = optral(*words, url=urls[True]), optral(*words, url=urls[False])
    assert (stale.returncode, current.returncode) == (0, 0), stale.stderr + current.stderr
    told = [word for word in ("STALE", "out of date") if word in stale.stdout]
    assert told, stale.stdout
    assert any(f"{days}d" in stale.stdout for days in range(1, 4000)), stale.stdout
    assert "out of date" not in current.stdout
    assert stale.stdout != current.stdout


def test_an_event_about_an_issue_of_an_offline_cluster_says_so() -> None:
    from optral.cli.issues import line_of
    from optral.client.stream import Event

    data = ISSUE | {"stale": True, "staleSince": "2026-01-15T10:30:00Z"}
    assert "out of date" in line_of(Event(type="issue.updated", data=data))
    assert "out of date" not in line_of(Event(type="issue.updated", data=ISSUE | {"stale": False}))
