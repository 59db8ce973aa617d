"""Notification settings over HTTP: off until a person wants them, kept for that person alone."""

from typing import Any

import pytest
import sqlalchemy as sa

from optral.access.tables import notification_settings
from optral.terms.actor import Role
from tests.api.accounts import member, signed_in
from tests.api.conftest import Api

PATH = "/v1/me/notifications"
WANTED: dict[str, Any] = {
    "enabled": True,
    "criticals": True,
    "approvals": False,
    "quietHours": {"start": "22:00", "end": "07:00", "timeZone": "America/Argentina/Buenos_Aires"},
}


async def test_they_are_off_until_a_person_wants_them_and_belong_to_that_person(api: Api) -> None:
    owner, other = await signed_in(api), await member(api, Role.VIEWER, "viewer@example.org")
    assert (await owner.get(PATH)).json() == {"enabled": False, "criticals": True, "approvals": True}
    assert (await owner("PUT", PATH, json=WANTED)).json() == WANTED
    assert (await owner.get(PATH)).json() == WANTED
    assert (await other.get(PATH)).json()["enabled"] is False
    assert (await other("PUT", PATH, json={"enabled": True})).json() == {"enabled": True, "criticals": True, "approvals": True}
    without = await owner("PUT", PATH, json={**WANTED, "quietHours": None})
    assert without.json() == {name: value for name, value in WANTED.items() if name != "quietHours"}


async def test_a_change_is_recorded_and_a_repetition_is_not(api: Api) -> None:
    owner = await signed_in(api)
    for _ in range(2):
        await owner("PUT", PATH, json=WANTED)
    [record] = (await api.get("/v1/audit?action=member.notifications")).json()["audit"]
    assert record["summary"] == "changed their notification settings"


async def test_the_settings_of_a_member_who_is_removed_are_deleted(api: Api) -> None:
    owner, other = await signed_in(api), await member(api, Role.VIEWER, "viewer@example.org")
    await other("PUT", PATH, json=WANTED)
    gone = (await other.get("/v1/session")).json()["member"]["id"]
    assert (await owner("DELETE", f"/v1/members/{gone}")).is_success
    count = sa.select(sa.func.count()).select_from(notification_settings).where(notification_settings.c.org_id == api.org)
    assert await api.store.read(api.owner, lambda tx: tx.execute(count).scalar_one()) == 0


@pytest.mark.parametrize(
    "change",
    [
        {"enabled": "yes"},
        {"quietHours": {"start": "24:00", "end": "07:00", "timeZone": "UTC"}},
        {"quietHours": {"start": "7:00", "end": "08:00", "timeZone": "UTC"}},
        {"quietHours": {"start": "22:00", "end": "07:00", "timeZone": "../../etc/passwd"}},
        {"quietHours": {"start": "22:00", "end": "07:00"}},
        {"sound": True},
    ],
    ids=str,
)
async def test_refuses_what_no_browser_could_follow(api: Api, change: dict[str, Any]) -> None:
    owner = await signed_in(api)
    answer = await owner("PUT", PATH, json=WANTED | change)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_body")


async def test_a_key_has_no_browser(api: Api) -> None:
    assert (await api.get(PATH)).status_code in (401, 403)
