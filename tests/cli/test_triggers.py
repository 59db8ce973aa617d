"""`optral triggers`: previewed, created, updated and deleted, against the real API."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from optral.store.store import Store
from optral.terms.severity import Severity
from tests.api.conftest import Api, running
from tests.api.seeds import finding, observe
from tests.cli.test_detectors import run
from tests.flows.executions.shop import Shop
from tests.support.clock import FakeClock
from tests.support.sqlite_alone import engine_name as engine_name

BY_ISSUE = ("on-issue", "oom", "--runbook", "restart-workload", "--type", "OOMKilled", "--namespace", "shop", "--min-severity", "high")
WORKLOAD = ("-p", "kind=Deployment", "-p", "namespace=shop", "-p", "name=web")
BY_SCHEDULE = ("on-schedule", "night", "--runbook", "restart-workload", "--cluster", "prod", "--schedule", "30 3 * * *", *WORKLOAD)
BY_REQUEST = ("on-request", "hook", "--runbook", "restart-workload", "--cluster", "prod", "--accept", "name")


@pytest.fixture
async def api(store: Store, clock: FakeClock) -> AsyncIterator[Api]:
    async with running(store, clock) as made:
        await Shop(made.store, made.org, made.clock).open("prod")
        yield made


async def triggers(api: Api, *words: str, code: int = 0, form: str = "json") -> Any:
    return await run(api, "triggers", *words, code=code, form=form)


async def test_an_update_changes_what_is_given_and_leaves_the_rest(api: Api) -> None:
    before = await triggers(api, *BY_ISSUE, "-p", "kind=Deployment")
    updated = await triggers(
        api, "update", "oom", "--name", "killed", "--namespace", "shop", "--namespace", "payments", "--label", "team=a"
    )
    assert updated["match"] == before["match"] | {"namespaces": ["shop", "payments"], "labels": {"team": "a"}}
    assert (updated["name"], updated["parameters"], updated["enabled"]) == ("killed", {"kind": "Deployment"}, True)
    fewer = await triggers(api, "update", "killed", "--namespace", "", "--label", "", "--min-severity", "", "-p", "")
    assert (fewer["match"], fewer["parameters"]) == ({"types": ["OOMKilled"]}, {})
    other = await triggers(api, "update", "killed", "--runbook", "scale-workload", "-p", "replicas=3", "--cluster", "prod")
    assert (other["runbook"], other["parameters"], len(other["match"]["clusters"])) == ("scale-workload", {"replicas": 3}, 1)


async def test_a_schedule_and_what_a_request_may_set_are_updated(api: Api) -> None:
    await triggers(api, *BY_SCHEDULE)
    moved = await triggers(api, "update", "night", "--schedule", "0 5 * * *", "--time-zone", "Europe/Berlin")
    assert (moved["schedule"], moved["timeZone"], moved["nextAt"]) == ("0 5 * * *", "Europe/Berlin", "2026-01-16T04:00:00Z")
    staging = await api.new_cluster("staging")
    assert (await triggers(api, "update", "night", "--cluster", "staging"))["clusterId"] == staging
    assert "staging" in await triggers(api, "get", "night", form="table")
    await triggers(api, *BY_REQUEST)
    assert (await triggers(api, "update", "hook", "--accept", "namespace", "--accept", "kind"))["accepts"] == ["namespace", "kind"]
    assert (await triggers(api, "update", "hook", "--accept", ""))["accepts"] == []


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        pytest.param(["oom"], 2, "nothing to change", id="nothing"),
        pytest.param(["night", "--type", "OOMKilled"], 2, "night does not fire on issues", id="a condition of a schedule"),
        pytest.param(["night", "--cluster", "prod", "--cluster", "other"], 2, "give one --cluster", id="two clusters"),
        pytest.param(["oom", "--schedule", "0 5 * * *"], 1, "for a trigger of the source schedule", id="a schedule of an issue"),
        pytest.param(["oom", "--type", ""], 1, "name issue types or causes", id="every issue"),
        pytest.param(["oom", "--label", "team"], 2, "NAME=VALUE", id="a label without a value"),
        pytest.param(["absent", "--name", "x"], 1, "no trigger is 'absent'", id="unknown"),
    ],
)
async def test_an_update_that_cannot_be_says_why(api: Api, words: list[str], code: int, says: str) -> None:
    await triggers(api, *BY_ISSUE)
    await triggers(api, *BY_SCHEDULE)
    assert says in await triggers(api, "update", *words, code=code, form="table")


async def issues_in(api: Api) -> None:
    """A cluster in which two issues opened after its first inventory."""
    cluster = await api.new_cluster("staging")
    await observe(api, cluster, finding("old", api=api))
    api.clock.advance(60)
    found = [finding("web", api=api), finding("pay", api=api, severity=Severity.HIGH, namespace="pay"), finding("old", api=api)]
    await observe(api, cluster, *found, synced_at=api.clock.now() - timedelta(seconds=30))


async def test_a_preview_shows_what_would_match_and_changes_nothing(api: Api) -> None:
    await issues_in(api)
    assert (await triggers(api, "preview", "--type", "OOMKilled"))["matching"] == 2
    shown = await triggers(api, "preview", "--type", "OOMKilled", "--namespace", "pay", form="table")
    assert "Open issues that match now: 1" in shown
    assert "staging" in shown and "cls_" not in shown
    assert (await triggers(api, "list"))["total"] == 0


async def test_a_preview_of_a_trigger_shows_what_an_update_would_do(api: Api) -> None:
    await issues_in(api)
    await triggers(api, *BY_ISSUE)
    assert (await triggers(api, "preview", "oom"))["matching"] == 1
    assert (await triggers(api, "preview", "oom", "--namespace", ""))["matching"] == 2
    await triggers(api, *BY_SCHEDULE)
    assert (await triggers(api, "preview", "night"))["nextTimes"] == [f"2026-01-{day}T03:30:00Z" for day in (16, 17, 18)]
    shown = await triggers(api, "preview", "night", "--time-zone", "Europe/Berlin", form="table")
    assert shown.splitlines()[0] == "Next times: 2026-01-16T02:30:00Z"
    assert (await triggers(api, "get", "oom"))["match"]["namespaces"] == ["shop"]


async def test_a_preview_of_nothing_says_what_to_give(api: Api) -> None:
    await triggers(api, *BY_REQUEST)
    for words in ([], ["hook"]):
        assert "give --type, --cause or --schedule" in await triggers(api, "preview", *words, code=2, form="table")
