"""Triage of issues from the command line, against the real API."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
import typer

from optral.cli.base import spans
from optral.store.store import Store
from tests.api.conftest import Api, running
from tests.api.issues.test_triage import later, seeded
from tests.support.clock import FakeClock
from tests.support.commandline import optral


async def run(api: Api, *words: str, code: int = 0) -> Any:
    """The command's JSON."""
    done = await asyncio.to_thread(optral, *words, "-o", "json", url=api.url, key=api.key)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout) if done.stdout else done.stderr


async def test_issues_are_cared_for(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        _, issue = await seeded(api)
        one = issue["api"]
        assert (await run(api, "issues", "snooze", one, "--occurrences", "3"))["snooze"]["occurrencesLeft"] == 3
        assert "snooze" not in await run(api, "issues", "unsnooze", one)
        assert (await run(api, "issues", "assign", one))["assignee"].startswith("usr_")
        assert "assignee" not in await run(api, "issues", "assign", one, "--to", "nobody")
        assert (await run(api, "issues", "label", one, "--set", "team=pay", "--set", "x=y"))["labels"] == {"team": "pay", "x": "y"}
        assert (await run(api, "issues", "label", one, "--remove", "x"))["labels"] == {"team": "pay"}
        assert (await run(api, "issues", "list", "--label", "team:pay", "--no-snoozed"))["total"] == 1
        said = await run(api, "issues", "comment", one, "watching")
        assert (await run(api, "issues", "edit-comment", one, said["id"], "done"))["body"] == "done"
        assert [said["body"] for said in (await run(api, "issues", "comments", one))["comments"]] == ["done"]
        await run(api, "issues", "delete-comment", one, said["id"])
        assert (await run(api, "issues", "history", one))["activity"][0]["action"] == "comment_deleted"
        assert [one["count"] for one in (await run(api, "issues", "facets"))["label"]] == [1]
        many = await run(api, "issues", "resolve", issue["web"], issue["db"])
        assert many["changed"] == 2
        assert (await run(api, "issues", "acknowledge", issue["web"], one, code=1))["refused"] == 1


async def test_the_history_names_the_api_key_that_acted(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        _, issue = await seeded(api)
        await run(api, "issues", "acknowledge", issue["api"])
        [key] = (await run(api, "keys", "list"))["apiKeys"]
        shown = await asyncio.to_thread(optral, "issues", "history", issue["api"], url=api.url, key=api.key)
        [line] = [one for one in shown.stdout.splitlines() if "acknowledged" in one]
        assert key["name"] in line.split()
        assert key["id"] not in shown.stdout
        assert key["id"] in {one["actorId"] for one in (await run(api, "issues", "history", issue["api"]))["activity"]}, (
            "programs get the id"
        )


async def test_all_issues_of_a_query_are_changed(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        _, issue = await seeded(api)
        await run(api, "issues", "resolve", issue["db"])
        asked = await asyncio.to_thread(optral, "issues", "acknowledge", "-q", "ns:shop", url=api.url, key=api.key)
        assert (asked.returncode, "Change 2 issues? [y/N]" in asked.stderr) == (1, True), "nobody answered"
        done = await run(api, "issues", "acknowledge", "--query", "ns:shop", "--yes")
        assert (done["matching"], done["changed"], done["refused"]) == (2, 2, 0), "open and acknowledged ones, as the list shows"
        assert (await run(api, "issues", "reopen", "-q", "status:acknowledged -owner:web", "-y"))["changed"] == 1
        said = await asyncio.to_thread(optral, "issues", "assign", "-q", "owner:nobody", "-y", url=api.url, key=api.key)
        assert (said.returncode, said.stdout.strip()) == (0, "0 changed, 0 unchanged, 0 refused")


async def test_what_is_known_is_muted(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        _, issue = await seeded(api)
        day = later(api, days=3)
        made = await run(api, "issues", "mute", issue["web"], "--reason", "known", "--until", day)
        assert (made["mutedIssues"], made["match"]["names"], made["match"]["types"]) == (1, ["web"], ["CrashLoopBackOff"])
        wide = await run(api, "mute-rules", "create", "--namespace", "sh*", "--label", "a=b", "--reason", "x", "--until", day)
        assert wide["match"] == {"namespaces": ["sh*"], "labels": {"a": "b"}}
        assert (await run(api, "mute-rules", "update", made["id"], "--reason", "still"))["reason"] == "still"
        assert (await run(api, "mute-rules", "list"))["total"] == 2
        assert "endedAt" in await run(api, "mute-rules", "delete", made["id"])
        assert "endedAt" in await run(api, "mute-rules", "get", made["id"])


@pytest.mark.parametrize(("text", "expected"), [("30m", 1800), ("2h", 7200), ("7d", 7 * 86400)])
def test_spans_are_read_as_people_write_them(text: str, expected: int) -> None:
    assert timedelta(seconds=spans.seconds(text)) == timedelta(seconds=expected)


@pytest.mark.parametrize("text", ["", "h", "0m", "-1h", "1w", "1.5h", "1000000d"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        spans.seconds(text)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["issues", "snooze", "iss_01h455vb4pex5vsknk084sn02q"], "when the snooze ends"),
        (["issues", "snooze", "iss_01h455vb4pex5vsknk084sn02q", "--for", "2h", "--until", "2030-01-01T00:00:00Z"], "not both"),
        (["issues", "mute", "iss_01h455vb4pex5vsknk084sn02q", "--reason", "x"], "how long"),
        (["issues", "resolve"], "specify issues or --query"),
        (["issues", "resolve", "iss_01h455vb4pex5vsknk084sn02q", "-q", "ns:shop"], "not both"),
        (["issues", "label", "iss_01h455vb4pex5vsknk084sn02q", "--set", "x"], "NAME=VALUE"),
        (["mute-rules", "create", "--for", "1d"], "--reason"),
    ],
)
def test_what_is_missing_is_named(words: list[str], says: str) -> None:
    done = optral(*words, url="http://127.0.0.1:1")
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
