"""A longer wait of an alerting rule is proposed where the record decides it, shown first, and opened once as a pull request."""

from datetime import timedelta
from typing import Any

import pytest

from optral.alerts import service as alerts
from optral.alerts.model import Alert, AlertStatus, Outcome
from optral.forges.model import Kind
from optral.terms import ids
from optral.terms.actor import system
from tests.api.conftest import Api
from tests.forges.fakes import REPOSITORY, FakeForge
from tests.gitops.test_rules import PLAIN

PATH = "/v1/alerts/rule-changes"
BODY: dict[str, Any] = {
    "name": "git", "kind": "gitea", "url": "https://git.example.com/", "token": "example-token", "repositories": [REPOSITORY],
}  # fmt: skip
Record = list[tuple[Outcome, float | None, str]]
"""Outcome, minutes that the alert lasted (None: it fires), fingerprint."""
NOISE: Record = [(Outcome.UNEXPLAINED, minutes, f"f{minutes}") for minutes in (1, 3.5, 2)]


async def record(api: Api, given: Record) -> None:
    now = api.clock.now()

    def one(outcome: Outcome, minutes: float | None, fingerprint: str, age: int) -> Alert:
        began = now - timedelta(hours=20, minutes=-age)
        return Alert(
            id=ids.new("alt"), receiver_id="alr_x", fingerprint=fingerprint, name="WebSlow", starts_at=began,
            status=AlertStatus.FIRING if minutes is None else AlertStatus.RESOLVED,
            ends_at=None if minutes is None else began + timedelta(minutes=minutes), labels={}, annotations={}, outcome=outcome,
            received_at=now, last_received_at=now,
        )  # fmt: skip

    made = [one(*each, age) for age, each in enumerate(given)]
    await api.store.write(system(api.org), lambda tx: alerts.add(tx, made))


async def propose(api: Api, **more: Any) -> Any:
    return await api("POST", PATH, json={"alert": "WebSlow", "forgeId": "git", "repository": REPOSITORY, **more})


@pytest.fixture
async def forge(api: Api) -> FakeForge:
    made = FakeForge(Kind.GITEA)
    made.write("main", {"rules/shop.yaml": PLAIN})
    api.services.forge_caller = made
    assert (await api("POST", "/v1/forges", json=BODY)).status_code == 201
    return made


async def test_a_rule_that_fired_without_a_failure_waits_longer_after_a_pull_request(api: Api, forge: FakeForge) -> None:
    await record(api, [*NOISE, (Outcome.JOINED, 45, "real"), (Outcome.JOINED, None, "real")])
    preview = (await propose(api)).json()
    assert (preview["file"], preview["waitBefore"], preview["waitAfter"]) == ("rules/shop.yaml", "5m", "9m")
    assert '-        for: "5m"  # was 1m\n+        for: "9m"  # was 1m\n' in preview["patch"]
    assert preview["reason"].startswith("3 alerts fired without a failure") and "url" not in preview
    assert not forge.pulls and list(forge.branches) == ["main"]
    opened = await propose(api, digest=preview["digest"])
    again = await propose(api, digest=preview["digest"])
    assert (opened.status_code, again.json()["url"]) == (200, opened.json()["url"])
    (pull,) = forge.pulls
    assert (pull.title, pull.base) == ("Let WebSlow wait 9m", "main")
    assert "3 alerts fired without a failure" in pull.body
    assert 'for: "9m"' in forge.commits[forge.branches[pull.head]].files["rules/shop.yaml"]
    entry = (await api.get("/v1/audit")).json()["audit"][0]
    assert (entry["action"], entry["detail"]["file"]) == ("alert.propose_rule", "rules/shop.yaml")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        pytest.param(NOISE[:2], "2 of its alerts fired without a failure", id="too few"),
        pytest.param([*NOISE, (Outcome.UNEXPLAINED, None, "f9")], "still fires", id="one still fires"),
        pytest.param([*NOISE, (Outcome.UNEXPLAINED, 31, "f9")], "lasted 31 minutes", id="a long one"),
        pytest.param([*NOISE, (Outcome.JOINED, 3, "f9")], "about a failure lasted 3 minutes", id="a failure as short"),
        pytest.param([(Outcome.JOINED, 1, "same")] * 3, "report those failures late", id="it flaps about a failure"),
    ],
)
async def test_what_the_record_does_not_decide_is_not_proposed(api: Api, forge: FakeForge, given: Record, why: str) -> None:
    await record(api, given)
    answer = await propose(api)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_rule_change")
    assert why in answer.json()["detail"]


async def test_a_rule_that_changed_since_the_preview_is_previewed_again(api: Api, forge: FakeForge) -> None:
    await record(api, NOISE)
    digest = (await propose(api)).json()["digest"]
    forge.write("main", {"rules/shop.yaml": PLAIN.replace('"5m"', '"7m"')})
    answer = await propose(api, digest=digest)
    assert (answer.status_code, answer.json()["code"]) == (412, "stale_version") and not forge.pulls


async def test_only_named_repositories_and_known_alerts_can_be_proposed_for(api: Api, forge: FakeForge) -> None:
    assert (await propose(api)).json()["code"] == "alert_not_found"
    await record(api, NOISE)
    assert (await propose(api, repository="other/place")).json()["code"] == "no_rule_change"
    forge.write("main", {"rules/shop.yaml": "groups: []\n"})
    assert "No YAML file" in (await propose(api)).json()["detail"]
    forge.branches.clear()
    assert (await propose(api)).json()["code"] == "forge_failed"
