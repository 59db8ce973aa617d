"""A list never ends in silence: a terminal gets a page and a line that says so, a pipe and programs get every row.

`LISTS` has a row for each command that lists; a new one without a row fails. What is read on one page is bounded by what is kept, or
counts something that the organization has few of.
"""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from optral.cli.base import lists, options, output
from tests.cli.base.test_refs import COMMON, commands
from tests.cli.test_misuse import ARGUMENTS
from tests.support.commandline import Done, optral
from tests.support.serving import JsonHandler, on_thread

PAGED = {
    "alerts list": "alerts",
    "alerts receivers list": "receivers",
    "alerts receivers rejected": "rejected",
    "analyses list": "analyses",
    "audit list": "audit",
    "clusters list": "clusters",
    "events list": "events",
    "executions list": "executions",
    "fleet list": "fleetTokens",
    "issues comments": "comments",
    "issues groups": "groups",
    "issues history": "activity",
    "issues list": "issues",
    "keys list": "apiKeys",
    "members list": "members",
    "resources list": "resources",
    "runbooks list": "runbooks",
    "triggers firings": "firings",
    "triggers list": "triggers",
    "webhooks deliveries": "deliveries",
    "webhooks list": "webhooks",
}
"""Every command with pages, and the name of its rows in the answer."""
WHOLE = {
    "ai.usage",
    "alert_silences.list_",
    "alerts.quality",
    "contexts.list_",
    "detectors.list_",
    "detectors.shift",
    "fleet.waiting",
    "forges.list_",
    "identity.list_",
    "mail.list_",
    "members.bindings",
    "members.invites",
    "mute_rules.list_",
    "owners.list_",
    "resources.counts",
    "resources.events",
    "resources.kinds",
    "resources.usage",
    "runbooks.versions",
    "safeguards.delegations",
    "safeguards.windows",
    "search.search",
    "triage.change",
    "views.list_",
    "webhooks.preview",
}
"""Functions that print rows without pages: their number is bounded by what may be kept, and the server sends all of them in one answer."""
ROWS = 230
MANY = [
    {
        **COMMON, "id": f"iss_{number:026}", "owner": {"kind": "Deployment", "name": "web"}, "key": str(number), "count": 1, "detail": {},
        "columns": {}, "counts": {}, "clusterRule": {}, "type": "OOMKilled", "data": {}, "createdAt": "2026-01-15T12:00:00Z",
        "detectedAt": "2026-01-15T12:00:00Z",
    }
    for number in range(ROWS)
]  # fmt: skip


class Server(JsonHandler):
    """Every list has 230 rows, by cursor, but groups by number; while `busy` is above 0, the rate limit is reached."""

    sizes: ClassVar[list[int]] = []

    def do_GET(self) -> None:
        split = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(split.query).items()}
        name = rows_at(split.path)
        size, page = int(asked.get("pageSize", 20)), int(asked.get("page", 1))
        start = int(asked.get("cursor", (page - 1) * size))
        self.sizes.append(size)
        rows = [{**one, "id": at} if name == "events" else one for at, one in enumerate(MANY[start : start + size], start + 1)]
        body = {"issues": ROWS, "issuesCapped": False} if name == "groups" else {}
        body |= {name: rows, "total": ROWS, "page": page, "pageSize": size}
        if start + size < ROWS and name != "groups":
            body["nextCursor"] = str(start + size)
        self.answer(body)


def rows_at(path: str) -> str:
    last = path.rpartition("/")[2]
    return {"alert-receivers": "receivers", "api-keys": "apiKeys", "fleet-tokens": "fleetTokens"}.get(last, last)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with on_thread(Server) as address:
        yield address


@pytest.fixture(autouse=True)
def _forgotten() -> None:
    Server.sizes.clear()


def called(command: str, url: str, *words: str) -> Done:
    done = optral(*command.split(), *ARGUMENTS[command], *words, url=url)
    assert done.returncode == 0, done
    return done


def test_every_command_that_lists_has_a_decision() -> None:
    assert {name for name, command in commands().items() if isinstance(command, lists.Paged)} == PAGED.keys()
    functions = {
        f"{file.stem}.{node.name}": ast.unparse(node)
        for file in Path(lists.__file__).parents[1].rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef)
    }
    rows = {name: text for name, text in functions.items() if "output.show(" in text and "rows=" in text}
    assert {name for name, text in rows.items() if "lists.read(" not in text} == WHOLE
    assert len([text for text in rows.values() if "lists.read(" in text]) == len(PAGED)


@pytest.mark.parametrize("command", PAGED)
@pytest.mark.parametrize("form", ["table", "name", "json", "yaml", "jsonpath"])
def test_a_pipe_gets_every_row(url: str, command: str, form: str) -> None:
    rows = PAGED[command]
    done = called(command, url, "-o", f"jsonpath={{.{rows}[*].id}}" if form == "jsonpath" else form)
    assert done.stderr == ""
    if form == "table":
        return assert_rows(len(done.stdout.splitlines()) - 1)
    if form in ("name", "jsonpath"):
        return assert_rows(len(done.stdout.split()))
    answer = msgspec.json.decode(done.stdout) if form == "json" else msgspec.yaml.decode(done.stdout)
    assert_rows(len({one["id"] for one in answer[rows]}))
    assert (answer["total"], "nextCursor" in answer) == (ROWS, False)
    return None


def assert_rows(number: int) -> None:
    assert number == ROWS
    assert Server.sizes == [100, 100, 100]


@pytest.mark.parametrize("command", PAGED)
@pytest.mark.parametrize(
    ("words", "rows", "says"),
    [
        (["--limit", "130"], 130, "130 of 230; --all prints all"),
        (["--page", "2"], 20, "rows 21 to 40 of 230; --all prints all"),
        (["--page", "3", "--page-size", "100"], 30, "rows 201 to 230 of 230"),
        (["--limit", "500"], 230, ""),
        (["--all"], 230, ""),
    ],
)
def test_a_part_of_a_list_says_how_much_is_left(url: str, command: str, words: list[str], rows: int, says: str) -> None:
    for form in ("name", "json"):
        done = called(command, url, *words, "-o", form)
        printed = len(done.stdout.split()) if form == "name" else len(msgspec.json.decode(done.stdout)[PAGED[command]])
        assert (printed, done.stderr.strip()) == (rows, says)


def test_a_terminal_gets_a_page(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "_is_terminal", lambda: True)
    done = called("issues list", url)
    assert (len(done.stdout.splitlines()), done.stderr.strip()) == (21, "20 of 230; --all prints all")
    assert Server.sizes == [20]
    assert len(called("issues list", url, "--all").stdout.splitlines()) == 231
    assert len(called("issues list", url, "-o", "name").stdout.split()) == 230


def test_more_than_a_command_reads_is_said(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "MOST_ROWS", 150)
    done = called("issues list", url, "-o", "name")
    assert (len(done.stdout.split()), done.stderr.strip()) == (150, "150 of 230; narrow the list to see others")


@pytest.mark.parametrize("words", [["--all", "--limit", "3"], ["--limit", "3", "--page", "2"], ["--limit", "0"], ["--page-size", "101"]])
def test_options_that_contradict_each_other_are_refused(url: str, words: list[str]) -> None:
    done = optral("issues", "list", *words, url=url)
    assert (done.returncode, Server.sizes) == (2, []), done


def test_a_list_that_breaks_off_prints_nothing(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    whole = Server.do_GET

    def breaks(self: Server) -> None:
        whole(self) if "cursor" not in self.path else self.send_error(500)

    monkeypatch.setattr(Server, "do_GET", breaks)
    done = optral("issues", "list", "-o", "name", url=url)
    assert (done.returncode, done.stdout) == (1, "")


def test_a_watched_list_says_once_what_it_leaves_out(capsys: pytest.CaptureFixture[str]) -> None:
    raw = json.dumps({"issues": MANY[:2], "total": 700, "page": 1, "pageSize": 2}).encode()
    with output.only_changes():
        for _ in range(2):
            output.show(raw, options.Format.NAME, columns=(), rows="issues")
    assert capsys.readouterr().err == "2 of 700; narrow the list to see others\n"
