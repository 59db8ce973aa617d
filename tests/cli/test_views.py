"""`optral views`, and the issues of a saved view."""

from optral.store.store import Store
from tests.api.conftest import running
from tests.cli.test_issue_list import issues_of, say
from tests.cli.test_triage import run
from tests.support.clock import FakeClock


async def test_a_view_is_kept_under_a_name_and_lists_its_issues(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        ids = await issues_of(api)
        made = await run(api, "views", "create", "Worst", "severity:critical")
        assert (made["openIssues"], made["shared"], made["sort"]) == (1, False, "-severity")
        await run(api, "views", "create", "Over", "status:resolved", "--shared", "--sort", "detectedAt")
        assert [one["name"] for one in (await run(api, "views", "list"))["views"]] == ["Worst", "Over"]
        assert (await run(api, "views", "update", "Worst", "--query", "ns:shop"))["openIssues"] == 2

        async def found(*words: str) -> list[str]:
            return (await say(api, "issues", "list", "-o", "name", *words)).stdout.split()

        assert await found("--view", "worst") == [ids["worst"], ids["low"]]
        assert await found("--view", "worst", "--sort", "severity") == [ids["low"], ids["worst"]]
        assert await found("--view", "worst", "--severity", "low") == [ids["low"]]
        assert await found("--view", "Over") == [ids["gone"]]
        both = await say(api, "issues", "list", "--view", "Worst", "web")
        assert (both.returncode, "not both" in both.stderr) == (2, True), both
        unknown = await say(api, "issues", "list", "--view", "Wurst")
        assert (unknown.returncode, "no saved view has the name 'Wurst'" in unknown.stderr) == (1, True), unknown
        await run(api, "views", "delete", "Worst")
        assert [one["name"] for one in (await run(api, "views", "list"))["views"]] == ["Over"]


async def test_an_own_view_comes_before_a_shared_one_of_the_same_name(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        ids = await issues_of(api)
        await run(api, "views", "create", "Mine", "severity:critical", "--shared")
        await run(api, "views", "create", "mine", "severity:low")
        listed = await say(api, "issues", "list", "-o", "name", "--view", "Mine")
        assert listed.stdout.split() == [ids["low"]], listed
