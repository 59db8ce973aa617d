"""`optral issues list` and the history of an issue as a person on call reads them: what is open, worst first, with titles and names."""

import asyncio

import pytest

from optral.store.store import Store
from optral.terms.severity import Severity
from tests.api.conftest import Api, running
from tests.api.seeds import finding, observe
from tests.cli.test_triage import run
from tests.support.clock import FakeClock
from tests.support.commandline import Done, optral


async def say(api: Api, *words: str) -> Done:
    return await asyncio.to_thread(optral, *words, url=api.url, key=api.key)


async def issues_of(api: Api) -> dict[str, str]:
    """Ids of three issues by name, of which `gone` is resolved."""
    cluster = await api.new_cluster("production")
    found = {"low": Severity.LOW, "worst": Severity.CRITICAL, "gone": Severity.CRITICAL}
    await observe(api, cluster, *(finding(name, severity=severity, api=api) for name, severity in found.items()))
    ids = {one["owner"]["name"]: one["id"] for one in (await run(api, "issues", "list"))["issues"]}
    await run(api, "issues", "resolve", ids["gone"])
    return ids


async def test_open_issues_come_worst_first_with_their_titles(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        ids = await issues_of(api)
        head, *rows = (await say(api, "issues", "list")).stdout.splitlines()
        assert "TITLE" in head and "SEVERITY" in head
        assert [row.split()[-1] for row in rows] == [ids["worst"], ids["low"]]
        assert "Container app of worst was killed at its memory limit" in rows[0]
        assert len((await say(api, "issues", "list", "--status", "all")).stdout.splitlines()) == 4
        assert [one["id"] for one in (await run(api, "issues", "list", "--status", "resolved"))["issues"]] == [ids["gone"]]


async def test_a_query_finds_issues_and_may_name_the_status_itself(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        ids = await issues_of(api)

        async def found(*words: str) -> list[str]:
            return (await say(api, "issues", "list", "-o", "name", *words)).stdout.split()

        assert await found("severity:critical ns:shop") == [ids["worst"]]
        assert await found("-q", "-severity:critical") == await found("--", "-severity:critical") == [ids["low"]]
        assert await found("status:resolved owner:gone,low") == [ids["gone"]]
        assert await found("severity:critical", "--status", "all", "-q", "gone") == [ids["gone"]]
        refused = await say(api, "issues", "list", "ns:shop severty:high")
        assert (refused.returncode, "invalid query at character 9: there is no key severty (did you mean severity?)" in refused.stderr) == (
            1,
            True,
        ), refused


async def test_wide_adds_columns_and_name_gives_ids_alone(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        ids = await issues_of(api)
        narrow, wide = [(await say(api, "issues", "list", "-o", form)).stdout for form in ("table", "wide")]
        assert "NAMESPACE" in wide and "NAMESPACE" not in narrow and "OOMKilled" in wide
        assert (await say(api, "issues", "list", "-o", "name")).stdout.split() == [ids["worst"], ids["low"]]


async def test_history_is_read_in_words_with_the_names_of_people(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        ids = await issues_of(api)
        await run(api, "issues", "assign", ids["low"])
        await run(api, "issues", "label", ids["low"], "--set", "team=pay")
        text = (await say(api, "issues", "history", ids["low"])).stdout
        assert "usr_" not in text and "{" not in text and "[" not in text
        email = (await api.get("/v1/members")).json()["members"][0]["email"]
        assert f"assignee: none -> {email}" in text
        assert "labels: none -> team=pay" in text
        shown = (await say(api, "issues", "get", ids["low"])).stdout
        assert email in shown and "team=pay" in shown


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["issues", "list", "--severity", "banana"], "--severity"),
        (["issues", "list", "--sort", "banana"], "--sort"),
        (["issues", "list", "--since", "yesterday"], "--since"),
        (["issues", "get", "shop/nothing"], "no open issue is about 'shop/nothing'"),
    ],
)
async def test_an_error_names_the_option_that_was_typed(store: Store, clock: FakeClock, words: list[str], says: str) -> None:
    async with running(store, clock) as api:
        done = await say(api, *words)
        assert done.returncode in (1, 2)
        assert says in done.stderr and "severity.0" not in done.stderr


async def test_an_object_whose_issue_is_resolved_leads_to_that_issue(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        ids = await issues_of(api)
        asked = await say(api, "issues", "explain", "shop/gone")
        says = f"optral: no open issue is about 'shop/gone'; the last one was {ids['gone']}, which is resolved"
        assert (asked.returncode, asked.stderr.strip()) == (1, says)
        never = await say(api, "issues", "explain", "shop/never")
        assert never.stderr.strip() == "optral: no open issue is about 'shop/never'; `optral issues list` shows them"


async def test_a_wrong_key_is_answered_in_the_words_of_the_command_line(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        done = await asyncio.to_thread(optral, "issues", "list", url=api.url, key="mht_" + "0" * 46)
        login = f"run `optral login {api.url}`, or set OPTRAL_API_KEY to a valid one"
        assert (done.returncode, done.stderr.strip()) == (1, f"optral: the server does not accept the API key; {login}")
