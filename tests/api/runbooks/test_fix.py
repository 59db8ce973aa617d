"""What an issue says after a verified fix, also once it has resolved, or until the failure returns."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from optral.events import service as events
from optral.flows.webhooks import messages, slack_app
from optral.issues import service as issues
from optral.runbooks.model import Execution
from optral.webhooks import service as webhooks
from optral.webhooks.model import Form
from tests.api.conftest import Api
from tests.flows.executions.shop import Shop
from tests.support.commandline import optral


async def fixed(shop: Shop) -> tuple[str, Execution]:
    """An issue whose failure went with a verified execution, and the execution."""
    issue_id = await shop.observe(shown=True)
    begun = await shop.raise_limit(issue_id=issue_id)
    await shop.settle(begun)
    await shop.approve(begun, by=shop.person("approver"))
    await shop.settle(begun)
    await shop.observe(shown=False)
    done = await shop.run(begun)
    assert (done.status, (done.verification or {})["status"]) == ("succeeded", "passed")
    return issue_id, done


async def shown(api: Api, issue_id: str) -> dict[str, Any]:
    """The issue; the list says the same of its fix."""
    one: dict[str, Any] = (await api.get(f"/v1/issues/{issue_id}")).json()
    listed = {each["id"]: each for each in (await api.get("/v1/issues")).json()["issues"]}
    assert listed[issue_id].get("fix") == one.get("fix")
    return one


async def test_a_verified_fix_says_who_made_it_and_when_the_issue_resolves(api: Api, shop: Shop) -> None:
    issue_id, done = await fixed(shop)
    one = await shown(api, issue_id)
    assert done.finished_at is not None
    assert one["fix"] | {"verifiedAt": ""} == {
        "executionId": done.id,
        "by": shop.owner.id,
        "verifiedAt": "",
        "resolvesAt": one["resolvesAt"],
    }
    assert datetime.fromisoformat(one["fix"]["verifiedAt"]) == done.finished_at
    shop.clock.advance((datetime.fromisoformat(one["resolvesAt"]) - shop.clock.now()).total_seconds())
    await shop.observe(shown=False)
    resolved = await shown(api, issue_id)
    assert (resolved["status"], resolved["resolution"]) == ("resolved", "recovered")
    assert resolved["fix"] == one["fix"] | {"resolvesAt": None}
    shop.clock.advance(timedelta(days=3).total_seconds())
    assert (await shown(api, issue_id))["fix"] == resolved["fix"]


async def test_a_failure_that_returns_is_no_longer_about_to_resolve(api: Api, shop: Shop) -> None:
    issue_id, done = await fixed(shop)
    before = (await api.get(f"/v1/issues/{issue_id}")).headers["ETag"]
    await shop.observe(shown=True)
    assert (await api("GET", f"/v1/issues/{issue_id}", headers={"If-None-Match": before})).status_code == 200
    one = await shown(api, issue_id)
    assert (one["fix"]["executionId"], one["fix"]["resolvesAt"]) == (done.id, None)
    shop.clock.advance(timedelta(hours=1).total_seconds())
    assert "fix" not in await shown(api, issue_id)


async def test_what_did_not_help_is_said_at_once(api: Api, shop: Shop) -> None:
    """After a fix whose failure is back, and after a verification that failed; not while the failure is gone."""
    issue_id, done = await fixed(shop)
    assert "failedFix" not in await shown(api, issue_id)
    await shop.observe(shown=True)
    said = (await shown(api, issue_id))["failedFix"]
    assert said | {"at": ""} == {
        "executionId": done.id,
        "by": shop.owner.id,
        "at": "",
        "text": "The memory limit of 128Mi did not suffice.",
    }
    shop.clock.advance(301)
    again = await shop.start(issue_id=issue_id)
    await shop.run(again, seconds=1800)
    failed = await shown(api, issue_id)
    assert (failed["failedFix"]["executionId"], failed["failedFix"]["text"]) == (again.id, "The runbook Restart a workload did not help.")
    await shop.observe(shown=False)
    assert "failedFix" not in await shown(api, issue_id)


@pytest.mark.parametrize("what", ["dry run", "undone", "failed after it"])
async def test_only_the_last_change_that_helped_is_a_fix(api: Api, shop: Shop, what: str) -> None:
    issue_id, done = await fixed(shop)
    if what == "dry run":
        await shop.run(await shop.raise_limit("256Mi", issue_id=issue_id, dry_run=True))
        assert (await shown(api, issue_id))["fix"]["executionId"] == done.id
        return
    if what == "undone":
        answer = await api("POST", f"/v1/executions/{done.id}/undo", json={})
        assert answer.status_code == 202, answer.text
        again = await shop.get(replace(done, id=answer.json()["id"]))
    else:
        shop.is_well = False
        again = await shop.start(issue_id=issue_id)
    if (await shop.settle(again)).status == "pendingApproval":
        await shop.approve(again, by=shop.person("approver"))
    await shop.run(again, seconds=1800)
    assert "fix" not in await shown(api, issue_id)


async def test_events_and_messages_announce_the_fix(api: Api, shop: Shop) -> None:
    issue_id, _ = await fixed(shop)
    written = await shop.store.read(shop.system, lambda tx: events.read_after(tx, 0))
    completed = next(one for one in written if one.type == "runbook.completed")
    updated = next(one for one in written if one.type == "issue.updated" and "fix" in one.data["changes"])
    fix = (await shown(api, issue_id))["fix"]
    assert completed.data["fix"] == updated.data["changes"]["fix"]["to"]
    assert {name: completed.data["fix"][name] for name in ("executionId", "by")} == {name: fix[name] for name in ("executionId", "by")}
    at = f"{datetime.fromisoformat(fix['resolvesAt']):%H:%M}"
    said = messages.encoded(messages.message("runbook.completed", completed.data, cluster="prod"), Form.SLACK)
    assert said["text"].endswith("Runbook succeeded: Raise a memory limit: Deployment shop/web")
    outlook = f"Fixed; the issue resolves at {at} UTC if it stays healthy."
    assert outlook in str(said["blocks"])
    tokens = {"credentials": {"token": "xoxb-1-test"}}
    hook = await api("POST", "/v1/webhooks", json={"name": "ops", "form": "slack-app", "channel": "C0123456789", **tokens})
    assert hook.status_code == 201, hook.text
    body = await shop.store.read(
        shop.system, lambda tx: slack_app.body(tx, webhooks.get(tx, hook.json()["id"]), issues.get(tx, issue_id), link="")
    )
    assert f"*Fix*: {outlook}" in body


async def test_the_command_line_shows_the_fix(api: Api, shop: Shop) -> None:
    async def say(*words: str) -> str:
        return (await asyncio.to_thread(optral, *words, url=api.url, key=api.key)).stdout

    issue_id = await shop.observe(shown=True)
    assert "RESOLVES" not in await say("issues", "list")
    await shop.observe(shown=False)
    resolves_at = (await shown(api, issue_id))["resolvesAt"]
    listed = await say("issues", "list")
    assert "RESOLVES" in listed and f"{resolves_at[11:16]} UTC if it stays healthy" in listed
    assert resolves_at[:19] in await say("issues", "get", issue_id)
