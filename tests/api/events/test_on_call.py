"""What PagerDuty and Jira Service Management report about alerts, in the form that their documentation has it. Both databases.

Sources: PagerDuty developer documentation, "Webhooks V3: Overview", "Behavior", "Verifying Signatures"; Jira Service Management
documentation, "Alert action data".
"""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from optral.flows.webhooks.dispatch import Notifier
from optral.kit.times import rfc3339
from optral.terms import ids
from tests.api.conftest import Api, another_organisation
from tests.api.seeds import finding, observe
from tests.flows.executions.shop import Shop

SECRET = "pagerduty-signs-with-this"


@dataclass
class Pager:
    """A webhook of the form, and an issue that it was notified of."""

    api: Api
    hook: dict[str, Any]
    issue_id: str
    notifier: Notifier

    def event(self, kind: str = "incident.acknowledged", *, agent: str = "user_reference", **data: Any) -> dict[str, Any]:
        by = {"id": "PLH1HKV", "type": agent, "summary": "Tenex Engineer", "self": "https://api.pagerduty.com/users/PLH1HKV"}
        incident = {
            "id": "PGR0VU2",
            "type": "incident",
            "number": 2,
            "status": "acknowledged",
            "incident_key": self.issue_id,
            "title": "A little bump in the road",
            "assignees": [{"id": "PTUXL6G", "type": "user_reference", "summary": "User 123"}],
            "priority": None,
            "resolve_reason": None,
        }
        return {
            "event": {
                "id": ids.new("iss"),
                "event_type": kind,
                "resource_type": "incident",
                "occurred_at": rfc3339(self.api.clock.now(), timespec="milliseconds"),
                "agent": by if agent else None,
                "client": {"name": "PagerDuty"},
                "data": incident | data,
            }
        }

    async def send(self, event: Any, *, secrets: tuple[str, ...] = (SECRET,), path: str = "") -> httpx2.Response:
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        signed = ",".join("v1=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest() for secret in secrets)
        headers = {"X-PagerDuty-Signature": signed, "X-Webhook-Id": "one", "Content-Type": "application/json"}
        return await self.api("POST", path or self.hook["hookPath"], key=None, content=body, headers=headers)

    async def outcome(self, event: Any, **more: Any) -> tuple[str, str | None]:
        answer = await self.send(event, **more)
        assert answer.status_code == 202, answer.text
        return answer.json()["outcome"], answer.json().get("reason")

    async def issue(self) -> dict[str, Any]:
        found: dict[str, Any] = (await self.api.get(f"/v1/issues/{self.issue_id}")).json()
        return found

    async def history(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.api.get(f"/v1/issues/{self.issue_id}/activity")).json()["activity"]
        return found

    async def set(self, status: str) -> None:
        self.api.clock.advance(5)
        answer = await self.api("PATCH", f"/v1/issues/{self.issue_id}", json={"status": status})
        assert answer.status_code == 200, answer.text
        self.api.clock.advance(5)

    async def sent(self) -> list[str]:
        """The bodies of what is on its way to the service."""
        self.api.clock.advance(5)
        for _ in range(3):
            await self.notifier.step()
        path = f"/v1/webhooks/{self.hook['id']}/deliveries"
        found = (await self.api.get(path)).json()["deliveries"]
        return [(await self.api.get(f"{path}/{one['id']}")).json()["body"] for one in reversed(found)]


async def pager(api: Api, shop: Shop, form: str = "pagerduty") -> Pager:
    made = (await api("POST", "/v1/webhooks", json={"name": "pager", "form": form, "credentials": {"token": "integration-key"}})).json()
    if form == "pagerduty":
        answer = await api("PATCH", f"/v1/webhooks/{made['id']}", json={"signingSecret": SECRET})
        assert answer.status_code == 200 and SECRET not in answer.text, answer.text
    await observe(api, shop.cluster_id, finding("web", api=api), synced_at=api.clock.now())
    (issue,) = (await api.get("/v1/issues")).json()["issues"]
    one = Pager(api, made, issue["id"], Notifier(api.store, api.clock))
    assert len(await one.sent()) == 1
    return one


async def test_an_acknowledgment_is_one_here_in_the_name_of_the_person_and_is_not_sent_back(api: Api, shop: Shop) -> None:
    one = await pager(api, shop)
    other = await api(
        "POST", "/v1/webhooks", json={"name": "log", "url": "https://x.example.com/", "filters": {"events": ["issue.updated"]}}
    )
    escalation = (
        await api("POST", "/v1/webhooks", json={"name": "later", "url": "https://y.example.com/", "escalationMinutes": 15})
    ).json()
    assert await one.outcome(one.event()) == ("acknowledged", None)
    assert (await one.issue())["status"] == "acknowledged"
    assert len(await one.sent()) == 1, "only the opening"
    body = (await api.get(f"/v1/webhooks/{other.json()['id']}/deliveries")).json()["deliveries"]
    assert [entry["event"] for entry in body] == ["issue.updated"], "others get it"
    assert (await api.get(f"/v1/webhooks/{escalation['id']}/deliveries")).json()["total"] == 0
    (entry,) = [entry for entry in await one.history() if entry["action"] == "acknowledged"]
    assert (entry["detail"]["by"], entry["detail"]["through"], entry["detail"]["via"]) == ("Tenex Engineer", "PagerDuty", one.hook["id"])
    (record,) = (await api.get("/v1/audit?action=issue.acknowledged")).json()["audit"]
    assert "`Tenex Engineer` in PagerDuty acknowledged it." in (await api.get(f"/v1/issues/{one.issue_id}/post-mortem")).text
    assert record["actorKind"] == "system" and record["summary"].endswith(" for Tenex Engineer in PagerDuty")


async def test_the_same_event_again_and_one_from_before_the_present_status_change_nothing(api: Api, shop: Shop) -> None:
    one = await pager(api, shop)
    taken = one.event()
    assert (await one.outcome(taken))[0] == "acknowledged"
    assert await one.outcome(taken) == ("ignored", "repeated")
    await one.set("open")
    late = one.event()
    late["event"]["occurred_at"] = taken["event"]["occurred_at"]
    for event in (taken, late):
        assert (await one.outcome(event))[0] == "ignored"
    assert (await one.issue())["status"] == "open"


async def test_a_replay_after_an_acknowledgment_that_had_changed_nothing_changes_nothing(api: Api, shop: Shop) -> None:
    one = await pager(api, shop)
    await one.set("acknowledged")
    taken = one.event()
    assert await one.outcome(taken) == ("ignored", "unchanged")
    await one.set("open")
    assert await one.outcome(taken) == ("ignored", "superseded")
    assert (await one.issue())["status"] == "open"


@pytest.mark.parametrize("shift", [timedelta(hours=-2), timedelta(minutes=6)])
async def test_events_of_another_time_are_ignored(api: Api, shop: Shop, shift: timedelta) -> None:
    one = await pager(api, shop)
    event = one.event()
    event["event"]["occurred_at"] = rfc3339(api.clock.now() + shift)
    assert await one.outcome(event) == ("ignored", "too_old" if shift < timedelta() else "too_early")


async def test_a_resolve_acknowledges_an_issue_that_still_fails(api: Api, shop: Shop) -> None:
    one = await pager(api, shop)
    event = one.event("incident.resolved")
    assert (await one.outcome(event))[0] == "acknowledged"
    assert await one.outcome(event) == ("ignored", "repeated")
    assert (await one.issue())["status"] == "acknowledged"
    assert [entry["action"] for entry in await one.history()][-2:] == ["acknowledged", "on_call_resolved"]
    assert len(await one.sent()) == 1


async def test_what_programs_did_such_as_optral_itself_is_no_acknowledgment(api: Api, shop: Shop) -> None:
    one = await pager(api, shop)
    for kind in ("incident.acknowledged", "incident.resolved"):
        for agent in ("inbound_integration_reference", "service_reference", ""):
            assert await one.outcome(one.event(kind, agent=agent)) == ("ignored", "no_person")
    assert (await one.issue())["status"] == "open"


async def test_the_end_of_an_acknowledgment_ends_one_that_came_from_there_only(api: Api, shop: Shop) -> None:
    one = await pager(api, shop)
    await one.outcome(one.event())
    api.clock.advance(1800)
    assert (await one.outcome(one.event("incident.unacknowledged", agent="")))[0] == "unacknowledged"
    assert (await one.issue())["status"] == "open"
    await one.set("acknowledged")
    assert await one.outcome(one.event("incident.unacknowledged", agent="")) == ("ignored", "unchanged")
    assert (await one.issue())["status"] == "acknowledged"


async def test_a_reassignment_is_in_the_history(api: Api, shop: Shop) -> None:
    one = await pager(api, shop)
    assert (await one.outcome(one.event("incident.reassigned")))[0] == "noted"
    entry = (await one.history())[-1]
    assert (entry["action"], entry["detail"]["to"], entry["detail"]["by"]) == ("on_call_reassigned", "User 123", "Tenex Engineer")


@pytest.mark.parametrize("key", [None, "", "d3640fbd41094207a1c11e58e46b1662", "iss_01h455vb4pex5vsknk084sn02q", "x" * 4000, "iss_\0"])
async def test_incidents_of_others_are_ignored_so_that_pagerduty_goes_on_sending(api: Api, shop: Shop, key: str | None) -> None:
    one = await pager(api, shop)
    assert await one.outcome(one.event(incident_key=key)) == ("ignored", "unknown_issue")
    for kind in ("pagey.ping", "service.updated", "incident.annotated"):
        event = one.event(kind)
        event["event"]["data"] = {"type": "ping", "message": "Hello from your friend Pagey!"}
        assert await one.outcome(event) == ("ignored", "other_event")


async def test_an_issue_of_another_webhook_or_organization_is_out_of_reach(api: Api, shop: Shop) -> None:
    one = await pager(api, shop)
    body = {"name": "bank", "form": "pagerduty", "credentials": {"token": "x"}, "filters": {"namespaces": ["bank"]}}
    strangers = [await api.new_key(maker=await another_organisation(api)), None]
    for key in strangers:
        more = {} if key is None else {"key": key}
        made = (await api("POST", "/v1/webhooks", json=body, **more)).json()
        assert (await api("PATCH", f"/v1/webhooks/{made['id']}", json={"signingSecret": "other"}, **more)).status_code == 200
        path = f"/v1/hooks/on-call/{made['id']}"
        assert await one.outcome(one.event(), secrets=("other",), path=path) == ("ignored", "unknown_issue")
        assert (await one.send(one.event(), secrets=("other",))).status_code == 401
    assert (await one.issue())["status"] == "open"


async def test_a_request_without_the_signature_is_refused_and_recorded(api: Api, shop: Shop) -> None:
    one = await pager(api, shop)
    json_hook = (await api("POST", "/v1/webhooks", json={"name": "log", "url": "https://x.example.com/"})).json()
    answers = [
        await one.send(one.event(), secrets=secrets, path=path)
        for secrets, path in (
            (("guessed",), ""),
            ((), ""),
            ((SECRET,), f"/v1/hooks/on-call/{ids.new('whk')}"),
            ((json_hook["secret"],), f"/v1/hooks/on-call/{json_hook['id']}"),
            ((SECRET,), "/v1/hooks/on-call/x"),
        )
    ]
    assert {(answer.status_code, answer.json()["code"], answer.json()["detail"]) for answer in answers} == {
        (401, "invalid_signature", "the request does not carry the signature or the secret of this webhook")
    }
    body = json.dumps(one.event()).encode()
    signed = "v2=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-PagerDuty-Signature": signed, "Content-Type": "application/json"}
    assert (await api("POST", one.hook["hookPath"], key=None, content=body, headers=headers)).status_code == 401
    assert (await one.issue())["status"] == "open"
    refused = (await api.get("/v1/audit?action=webhook.refuse")).json()["audit"]
    assert one.hook["id"] in {record["target"] for record in refused}


async def test_the_signing_secret_is_rotated_without_a_gap(api: Api, shop: Shop) -> None:
    one = await pager(api, shop)
    path = f"/v1/webhooks/{one.hook['id']}"
    assert (await api("PATCH", path, json={"signingSecret": "next"})).status_code == 200
    for secrets in ((SECRET,), ("next",), ("foreign", "next"), ("foreign", SECRET)):
        assert (await one.send(one.event("incident.annotated"), secrets=secrets)).status_code == 202
    api.clock.advance(25 * 3600)
    assert (await one.send(one.event(), secrets=(SECRET,))).status_code == 401
    assert (await one.send(one.event(), secrets=("next",))).status_code == 202
    assert (await api("PATCH", path, json={"signingSecret": ""})).status_code == 200
    assert (await one.send(one.event(), secrets=("next",))).status_code == 401
    seen = [await api.get(path), await api.get("/v1/webhooks"), await api.get("/v1/audit")]
    assert not any("next" in answer.text.replace("nextCursor", "") or SECRET in answer.text for answer in seen)


async def test_only_pagerduty_has_a_signing_secret(api: Api) -> None:
    made = (await api("POST", "/v1/webhooks", json={"name": "log", "url": "https://x.example.com/"})).json()
    refused = await api("PATCH", f"/v1/webhooks/{made['id']}", json={"signingSecret": "x"})
    assert (refused.status_code, refused.json()["code"], "hookPath" in made) == (422, "invalid_credentials", False)


@pytest.mark.parametrize("body", [b"", b"{}", b"[" * 5000, b'{"event": {"id": 1}}', b'{"event": null}', b"\xff"])
async def test_a_signed_body_that_is_none_is_refused(api: Api, shop: Shop, body: bytes) -> None:
    one = await pager(api, shop)
    answer = await one.send(body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_body"), answer.text


async def test_large_bodies_disabled_webhooks_and_resolved_issues(api: Api, shop: Shop) -> None:
    one = await pager(api, shop)
    assert (await one.send(b"x" * (256 * 1024 + 1))).status_code == 413
    await one.set("resolved")
    assert await one.outcome(one.event()) == ("ignored", "resolved")
    await api("PATCH", f"/v1/webhooks/{one.hook['id']}", json={"enabled": False})
    assert (await one.send(one.event())).json()["code"] == "webhook_disabled"


# --- Jira Service Management


def action(one: Pager, name: str, *, source: str = "web", **alert: Any) -> dict[str, Any]:
    about = {
        "updatedAt": int(one.api.clock.now().timestamp() * 1e9),
        "createdAt": int(one.api.clock.now().timestamp() * 1e3),
        "tags": ["OOMKilled"],
        "message": "test alert",
        "username": "ops@example.com",
        "alertId": "052652ac-5d1c-464a-812a-7dd18bbfba8c",
        "source": "Optral",
        "alias": one.issue_id,
        "tinyId": "23",
        "userId": "daed1180-0ce8-438b-8f8e-57e1a5920a2d",
        "entity": "",
    }
    return {"source": {"name": "", "type": source}, "alert": about | alert, "action": name, "integrationName": "Optral"}


async def tell(one: Pager, given: dict[str, Any], secret: str | None = None) -> Any:
    headers = {"Authorization": f"Bearer {secret or one.hook['secret']}"}
    answer = await one.api("POST", one.hook["hookPath"], key=None, json=given, headers=headers)
    return (answer.json()["outcome"], answer.json().get("reason")) if answer.status_code == 202 else answer.status_code


async def test_jira_service_management_acknowledges_ends_it_and_closes(api: Api, shop: Shop) -> None:
    one = await pager(api, shop, "jsm")
    assert await tell(one, action(one, "Create")) == ("ignored", "other_event")
    assert await tell(one, action(one, "Acknowledge", source="API")) == ("ignored", "no_person")
    assert await tell(one, action(one, "Acknowledge", alias="other")) == ("ignored", "unknown_issue")
    taken = action(one, "Acknowledge")
    assert await tell(one, taken) == ("acknowledged", None)
    assert await tell(one, taken) == ("ignored", "repeated")
    assert (await one.history())[-1]["detail"]["by"] == "ops@example.com"
    api.clock.advance(60)
    assert await tell(one, action(one, "UnAcknowledge")) == ("unacknowledged", None)
    api.clock.advance(60)
    assert await tell(one, action(one, "AssignOwnership", owner="day@example.com")) == ("noted", None)
    assert await tell(one, action(one, "Close", updatedAt=int(api.clock.now().timestamp() * 1e3) + 1)) == ("acknowledged", None)
    assert (await one.issue())["status"] == "acknowledged" and len(await one.sent()) == 1


async def test_jira_service_management_needs_the_secret_of_the_webhook(api: Api, shop: Shop) -> None:
    one = await pager(api, shop, "jsm")
    assert await tell(one, action(one, "Acknowledge"), secret="whsec_guessed") == 401
    rolled = (await api("POST", f"/v1/webhooks/{one.hook['id']}/roll", json={})).json()
    for secret in (one.hook["secret"], rolled["secret"]):
        assert await tell(one, action(one, "Create"), secret=secret) == ("ignored", "other_event")
    api.clock.advance(25 * 3600)
    assert await tell(one, action(one, "Acknowledge")) == 401
