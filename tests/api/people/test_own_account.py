"""The own account over HTTP: another password, where one is signed in, and signing out there."""

import pytest

from optral.terms.actor import Role
from tests.api.accounts import PASSWORD, Browser, member, signed_in
from tests.api.conftest import Api

NEW = "a wide and silent lake"


async def second(api: Api, agent: str = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0") -> Browser:
    """The owner, signed in with another browser."""
    browser = Browser(api)
    answer = await browser(
        "POST",
        "/v1/session",
        json={"email": "owner@example.org", "password": PASSWORD},
        headers={"User-Agent": agent, "Sec-Fetch-Site": "same-origin", "X-Optral-CSRF": "1", "Content-Type": "application/json"},
    )
    assert answer.status_code == 201
    return browser


async def change(browser: Browser, current: str, password: str) -> tuple[int, str]:
    answer = await browser("POST", "/v1/session/password", json={"currentPassword": current, "password": password})
    return answer.status_code, answer.json().get("code", "")


async def test_another_password_ends_the_other_sessions_and_keeps_this_one(api: Api) -> None:
    here, there = await signed_in(api), await second(api)
    assert await change(here, PASSWORD, NEW) == (200, "")
    assert (await here.get("/v1/session")).status_code == 200
    assert (await there.get("/v1/session")).status_code == 401
    assert (await Browser(api).sign_in(password=PASSWORD)).status_code == 401
    assert (await Browser(api).sign_in(password=NEW)).status_code == 201
    newest = (await api.get("/v1/audit?action=member.password")).json()["audit"][0]
    assert (newest["actorName"], newest["summary"]) == ("owner@example.org", "changed their password, which ended 1 other sessions")
    assert NEW not in newest["detail"].values()


@pytest.mark.parametrize("bad", ["short", "password1234", "owner@example.org"])
async def test_a_bad_password_is_refused_and_nothing_ends(api: Api, bad: str) -> None:
    here, there = await signed_in(api), await second(api)
    status, _ = await change(here, PASSWORD, bad)
    assert status in (400, 422)
    assert (await there.get("/v1/session")).status_code == 200
    assert (await Browser(api).sign_in()).status_code == 201


async def test_the_current_password_is_needed_and_cannot_be_guessed(api: Api) -> None:
    here = await signed_in(api)
    answers = [await change(here, "not the password", NEW) for _ in range(6)]
    assert answers[0] == (403, "wrong_password")
    assert answers[-1][0] == 429
    assert (await change(here, PASSWORD, NEW))[0] == 429


async def test_sessions_say_where_they_are_and_can_be_ended_one_by_one(api: Api) -> None:
    here, there = await signed_in(api), await second(api)
    found = (await here.get("/v1/sessions")).json()["sessions"]
    assert sorted(one["isCurrent"] for one in found) == [False, True]
    other = next(one for one in found if not one["isCurrent"])
    assert (other["address"], other["device"]) == ("127.0.0.1", "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
    assert (await here("DELETE", f"/v1/sessions/{other['id']}")).status_code == 204
    assert (await there.get("/v1/session")).status_code == 401
    assert (await here("DELETE", f"/v1/sessions/{other['id']}")).status_code == 404


async def test_all_other_sessions_end_at_once(api: Api) -> None:
    here = await signed_in(api)
    others = [await second(api), await second(api)]
    assert (await here("DELETE", "/v1/sessions")).json() == {"ended": 2}
    assert [(await one.get("/v1/session")).status_code for one in others] == [401, 401]
    assert (await here("DELETE", "/v1/sessions")).json() == {"ended": 0}
    assert len((await here.get("/v1/sessions")).json()["sessions"]) == 1


async def test_the_sessions_of_other_members_are_neither_listed_nor_ended(api: Api) -> None:
    owner = await signed_in(api)
    mine = (await owner.get("/v1/sessions")).json()["sessions"][0]["id"]
    other = await member(api, Role.ADMIN, "admin@example.org")
    assert mine not in (await other.get("/v1/sessions")).text
    assert (await other("DELETE", f"/v1/sessions/{mine}")).status_code == 404
    assert (await other("DELETE", "/v1/sessions")).json() == {"ended": 0}
    assert (await owner.get("/v1/session")).status_code == 200
    assert (await api.get("/v1/sessions")).status_code == 403


async def test_what_a_browser_calls_itself_is_cut_and_kept_as_text(api: Api) -> None:
    here = await signed_in(api)
    await second(api, agent="<script>" * 100)
    devices = [one.get("device", "") for one in (await here.get("/v1/sessions")).json()["sessions"]]
    assert ("<script>" * 100)[:200] in devices
