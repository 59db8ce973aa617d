"""How people come in over HTTP, and how nobody else does."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx2
import pytest

from optral.access import service as access
from optral.api.app import framework
from optral.api.http import cookies, gate
from optral.api.http.routing import PUBLIC, SCOPE_MARK
from optral.flows.people import sign_in
from optral.terms import actor as actors
from tests.api.accounts import PASSWORD, SAME_ORIGIN, Browser, member, signed_in, with_password
from tests.api.conftest import PEPPER, Api

HOOKS = (
    "{trigger_id}",
    "forges/{forge_id}",
    "identity-providers/{provider_id}",
    "alertmanager/{receiver_id}",
    "alerts/{receiver_id}",
    "on-call/{webhook_id}",
)


async def actions(api: Api) -> list[tuple[str, str]]:
    await api.services.sessions.flush()
    records = await api.store.read(actors.system(api.org), lambda tx: access.records_after(tx, 0))
    return [(one.action, one.outcome) for one in records if not one.action.startswith("key.")]


async def test_a_person_signs_in_looks_around_and_signs_out(api: Api) -> None:
    await with_password(api)
    browser = Browser(api)
    answer = await browser.sign_in(" Owner@Example.org ")
    assert answer.status_code == 201, answer.text
    cookie = answer.headers["set-cookie"]
    assert (
        cookie.startswith("optral_session=") and "Secure" not in cookie
    )  # Safari keeps no secure cookie of plain HTTP, on loopback either
    for word in ("; HttpOnly", "; SameSite=Strict", "; Path=/"):
        assert word in cookie
    assert "Domain" not in cookie and browser.cookie not in answer.text
    shown = (await browser.get("/v1/session")).json()
    assert shown == answer.json()
    assert (shown["member"]["email"], shown["member"]["role"], shown["organisation"]["name"]) == ("owner@example.org", "owner", "Shop")
    me = (await browser.get("/v1/me")).json()
    assert (me["actor"]["kind"], me["actor"]["role"]) == ("person", "owner")
    old = browser.cookie
    assert (await browser("DELETE", "/v1/session")).status_code == 200
    assert browser.cookie is None
    assert (await Browser(api, old).get("/v1/me")).status_code == 401
    assert await actions(api) == [("session.create", "success"), ("session.end", "success")]


async def test_a_session_is_kept_without_its_cookie(api: Api) -> None:
    browser = await signed_in(api)
    from optral.store.metadata import metadata

    row = await api.store.read(actors.system(), lambda tx: tx.execute(metadata.tables["sessions"].select()).one())
    assert browser.cookie and browser.cookie not in repr(tuple(row))


@pytest.mark.parametrize(
    ("email", "password"),
    [
        pytest.param("owner@example.org", "not the password", id="wrong password"),
        pytest.param("nobody@example.org", PASSWORD, id="unknown address"),
        pytest.param("no address", PASSWORD, id="no address at all"),
        pytest.param("owner@example.org", PASSWORD + " ", id="nearly right"),
    ],
)
async def test_whatever_was_wrong_the_answer_is_the_same(api: Api, email: str, password: str) -> None:
    await with_password(api)
    bare = await Browser(api).sign_in("somebody@else.org", "else entirely")
    answer = await Browser(api).sign_in(email, password)
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_failed")
    assert {**answer.json(), "requestId": ""} == {**bare.json(), "requestId": ""}
    assert "set-cookie" not in answer.headers
    assert set(answer.headers) == set(bare.headers)


async def test_an_owner_without_a_password_cannot_sign_in(api: Api) -> None:
    assert (await Browser(api).sign_in(password="")).status_code == 422
    assert (await Browser(api).sign_in()).json()["code"] == "sign_in_failed"


async def test_refused_sign_ins_of_an_account_are_recorded(api: Api) -> None:
    await with_password(api)
    await Browser(api).sign_in(password="wrong and wrong")
    await Browser(api).sign_in("nobody@example.org")
    assert await actions(api) == [("session.create", "denied")]


async def test_five_tries_in_a_quarter_of_an_hour(api: Api) -> None:
    await with_password(api)
    browser = Browser(api)
    assert [(await browser.sign_in(password="wrong and wrong")).status_code for _ in range(5)] == [401] * 5
    locked = await browser.sign_in()
    assert (locked.status_code, locked.json()["code"]) == (429, "too_many_attempts")
    assert 0 < int(locked.headers["retry-after"]) <= 900
    assert (await browser.sign_in("other@example.org")).status_code == 401
    api.clock.advance(901)
    assert (await browser.sign_in()).status_code == 201
    assert [(await browser.sign_in(password="wrong and wrong")).status_code for _ in range(5)] == [401] * 5


async def test_strangers_are_counted_by_address(api: Api) -> None:
    body = {"token": "x"}
    statuses = [
        (await Browser(api)("POST", "/v1/setup", json={**body, "email": "a@b.org", "password": PASSWORD})).status_code for _ in range(31)
    ]
    assert statuses == [403] * 30 + [429]


async def test_signing_in_again_ends_the_previous_session(api: Api) -> None:
    browser = await signed_in(api)
    first = browser.cookie
    await browser.sign_in()
    assert browser.cookie != first
    assert (await Browser(api, first).get("/v1/me")).status_code == 401
    assert (await browser.get("/v1/me")).status_code == 200


async def test_a_cookie_somebody_else_chose_is_never_taken_up(api: Api) -> None:
    await with_password(api)
    fixed = "A" * 43
    browser = Browser(api, fixed)
    await browser.sign_in()
    assert browser.cookie not in (None, fixed)
    assert (await Browser(api, fixed).get("/v1/me")).status_code == 401


async def test_a_session_ends_after_twelve_idle_hours_and_seven_days(api: Api) -> None:
    browser = await signed_in(api)
    for _ in range(16):
        api.clock.advance(10 * 3600)
        assert (await browser.get("/v1/me")).status_code == 200
        await api.services.authenticator.flush()
    api.clock.advance(9 * 3600)
    assert (await browser.get("/v1/me")).status_code == 401  # seven days and an hour
    await browser.sign_in()
    api.clock.advance(12 * 3600)
    assert (await browser.get("/v1/me")).status_code == 401


@pytest.mark.parametrize(
    ("headers", "is_let_in"),
    [
        pytest.param(SAME_ORIGIN, True, id="our page"),
        pytest.param({"Origin": "HOST", "X-Optral-CSRF": "1"}, True, id="our page in a browser that tells no site"),
        pytest.param({"Sec-Fetch-Site": "same-origin"}, False, id="a form of ours"),
        pytest.param({"Sec-Fetch-Site": "same-site", "X-Optral-CSRF": "1"}, False, id="a sibling"),
        pytest.param({"Sec-Fetch-Site": "cross-site", "X-Optral-CSRF": "1"}, False, id="another site"),
        pytest.param({"Sec-Fetch-Site": "none", "X-Optral-CSRF": "1"}, False, id="typed in"),
        pytest.param({"Origin": "https://evil.example", "X-Optral-CSRF": "1"}, False, id="another origin"),
        pytest.param({"Origin": "null", "X-Optral-CSRF": "1"}, False, id="a sandbox"),
        pytest.param({"Sec-Fetch-Site": "cross-site", "Origin": "HOST", "X-Optral-CSRF": "1"}, False, id="a site that contradicts"),
        pytest.param({"X-Optral-CSRF": "1"}, False, id="no browser's word"),
        pytest.param({}, False, id="nothing"),
    ],
)
async def test_a_change_by_cookie_comes_from_our_own_page(api: Api, headers: dict[str, str], is_let_in: bool) -> None:
    browser = await signed_in(api)
    sent = {name: api.url if value == "HOST" else value for name, value in headers.items()}
    answer = await browser("POST", "/v1/clusters", headers=sent, json={"name": "made"})
    assert answer.status_code == (201 if is_let_in else 403)
    if not is_let_in:
        assert answer.json()["code"] == "cross_site"
        assert (await api.get("/v1/clusters")).json()["total"] == 0
    assert (await browser.get("/v1/clusters", headers={})).status_code == 200


async def test_a_form_cannot_change_anything(api: Api) -> None:
    browser = await signed_in(api)
    answer = await browser("POST", "/v1/clusters", content=b'{"name":"made"}', headers={**SAME_ORIGIN, "Content-Type": "text/plain"})
    assert answer.status_code == 415
    assert (await browser("DELETE", "/v1/session", headers={"Sec-Fetch-Site": "same-origin", "X-Optral-CSRF": "1"})).status_code == 415


async def test_strangers_are_not_let_in_from_another_site(api: Api) -> None:
    await with_password(api)
    body = {"email": "owner@example.org", "password": PASSWORD}
    for headers in ({**SAME_ORIGIN, "Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-origin"}):
        assert (await api("POST", "/v1/session", key=None, headers=headers, json=body)).json()["code"] == "cross_site"
    assert (await api("POST", "/v1/session", key=None, headers={"X-Optral-CSRF": "1"}, json=body)).status_code == 201
    api.client.cookies.clear()


async def test_a_key_wins_over_the_cookie_beside_it(api: Api) -> None:
    browser = await signed_in(api)
    both = {"Authorization": f"Bearer {api.key}"}
    assert (await browser.get("/v1/me", headers=both)).json()["actor"]["kind"] == "key"
    assert (await browser("POST", "/v1/clusters", headers=both, json={"name": "by-key"})).status_code == 201
    bad = await browser.get("/v1/me", headers={"Authorization": "Bearer mht_wrong"})
    assert bad.status_code == 401
    about = await browser.get("/v1/session", headers=both)
    assert (about.status_code, about.json()["code"]) == (403, "session_required")


async def test_a_person_spends_a_window_of_their_own(api: Api) -> None:
    browser = await signed_in(api)
    key_left = int((await api.get("/v1/me")).headers["x-ratelimit-remaining"])
    first = await browser.get("/v1/me")
    assert first.headers["x-ratelimit-limit"] == "1200"
    assert int((await api.get("/v1/me")).headers["x-ratelimit-remaining"]) == key_left - 1
    assert (await browser.get("/v1/plan")).json()["requestsPerMinute"] == 6000


async def test_plain_http_elsewhere_has_a_session_only_where_the_operator_said_so(api: Api) -> None:
    await with_password(api)
    body, elsewhere = {"email": "owner@example.org", "password": PASSWORD}, {**SAME_ORIGIN, "Host": "optral.example:8080"}
    refused = await api("POST", "/v1/session", key=None, headers=elsewhere, json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "insecure_connection")
    api.services.insecure_http = True
    allowed = await api("POST", "/v1/session", key=None, headers=elsewhere, json=body)
    api.client.cookies.clear()
    assert allowed.status_code == 201
    assert allowed.headers["set-cookie"].startswith("optral_session=") and "Secure" not in allowed.headers["set-cookie"]
    token = allowed.headers["set-cookie"].partition("=")[2].partition(";")[0]
    for name, status in (("optral_session", 200), ("__Host-optral_session", 401)):
        asked = await api.get("/v1/me", key=None, headers={"Host": "optral.example:8080", "Cookie": f"{name}={token}"})
        assert asked.status_code == status


async def test_the_password_confirms_who_it_is(api: Api) -> None:
    browser = await signed_in(api)
    api.clock.advance(16 * 60)
    assert (await browser("POST", "/v1/api-keys", json={"name": "ci"})).json()["code"] == "confirmation_required"
    wrong = await browser("POST", "/v1/session/confirm", json={"password": "wrong and wrong"})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong_password")
    right = await browser("POST", "/v1/session/confirm", json={"password": PASSWORD})
    assert right.status_code == 200
    assert right.json()["reauthenticatedAt"] == api.clock.now().isoformat().replace("+00:00", "Z")
    made = await browser("POST", "/v1/api-keys", json={"name": "ci"})
    assert made.status_code == 201
    assert (await api.get("/v1/me", key=made.json()["key"])).json()["actor"]["role"] == "owner"
    assert ("session.confirm", "denied") in await actions(api)


async def ended(lines: AsyncIterator[str]) -> None:
    """Returns when the server ends the stream; fails after half a minute."""
    async with asyncio.timeout(30):
        with contextlib.suppress(httpx2.RemoteProtocolError):  # cut in the middle, as it should be
            async for _ in lines:
                pass


async def test_a_stream_follows_by_cookie_and_ends_when_signed_out(api: Api) -> None:
    browser = await signed_in(api)
    assert browser.cookie is not None
    headers = {"Cookie": f"{cookies.PLAIN}={browser.cookie}"}
    async with api.client.stream("GET", "/v1/events/stream", headers=headers) as stream:
        assert stream.status_code == 200
        lines = stream.aiter_lines()
        assert (await anext(lines)).startswith("retry:")
        await browser("DELETE", "/v1/session")
        await ended(lines)


async def test_a_ticket_ends_with_the_session_that_requested_it(api: Api) -> None:
    browser = await signed_in(api)
    ticket = (await browser("POST", "/v1/events/tickets")).json()["ticket"]
    async with api.client.stream("GET", f"/v1/events/stream?ticket={ticket}") as stream:
        lines = stream.aiter_lines()
        assert (await anext(lines)).startswith("retry:")
        await browser("DELETE", "/v1/session")
        await ended(lines)


async def link(api: Api) -> str:
    made = await api.store.write(actors.system(), lambda tx: sign_in.first_links(tx, pepper=PEPPER))
    return made[0][1]


async def test_the_first_run_link_gives_the_owner_a_password_once(api: Api) -> None:
    token = await link(api)
    browser = Browser(api)
    offer = await browser("POST", "/v1/setup/check", json={"token": token})
    assert offer.json() == {"organisation": "Shop", "role": "owner"}
    body = {"token": token, "email": "Me@Example.org", "password": PASSWORD}
    done = await browser("POST", "/v1/setup", json=body)
    assert done.status_code == 201, done.text
    assert done.json()["member"]["email"] == "me@example.org"
    assert (await browser.get("/v1/me")).json()["actor"]["role"] == "owner"
    again = await Browser(api)("POST", "/v1/setup", json=body)
    assert (again.status_code, again.json()["code"]) == (403, "link_invalid")
    assert await api.store.write(actors.system(), lambda tx: sign_in.first_links(tx, pepper=PEPPER)) == []
    assert (await Browser(api).sign_in("me@example.org")).status_code == 201
    assert [one for one in await actions(api) if one[0] != "session.create"] == [("setup.link", "success"), ("member.setup", "success")]


async def test_one_link_opened_makes_the_others_useless(api: Api) -> None:
    first, second = await link(api), await link(api)
    body = {"email": "me@example.org", "password": PASSWORD}
    assert (await Browser(api)("POST", "/v1/setup", json={"token": first, **body})).status_code == 201
    assert (await Browser(api)("POST", "/v1/setup", json={"token": second, **body})).status_code == 403


async def test_two_who_open_one_link_at_once_are_one(api: Api) -> None:
    token = await link(api)
    bodies = [{"token": token, "email": f"{name}@example.org", "password": PASSWORD} for name in "ab"]
    answers = await asyncio.gather(*(Browser(api)("POST", "/v1/setup", json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201, 403]


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "é" * 43, "A" * 44])
async def test_every_link_that_does_not_open_looks_the_same(api: Api, token: str) -> None:
    expired = await link(api)
    api.clock.advance(30 * 60)
    plain = await Browser(api)("POST", "/v1/setup/check", json={"token": expired})
    assert (plain.status_code, plain.json()["code"]) == (403, "link_invalid")
    for path in ("/v1/setup/check", "/v1/invites/check"):
        answer = await Browser(api)("POST", path, json={"token": token})
        if token:
            assert {**answer.json(), "requestId": ""} == {**plain.json(), "requestId": ""}
        else:
            assert answer.status_code == 422


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "elevenchars",
        "password1234",
        "Password-1234",
        "aaaaaaaaaaaaaaaa",
        "me@example.org",
        "correct horse battery staple",
        "x" * 257,
    ],
)
async def test_a_weak_password_is_refused_and_the_link_stays(api: Api, password: str) -> None:
    token = await link(api)
    refused = await Browser(api)("POST", "/v1/setup", json={"token": token, "email": "me@example.org", "password": password})
    code = "weak_password" if 12 <= len(password) <= 256 else "invalid_body"
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert refused.json()["errors"][0]["field"] == "password"
    assert (await Browser(api)("POST", "/v1/setup/check", json={"token": token})).status_code == 200


def test_what_strangers_may_ask_is_what_the_gate_lets_through() -> None:
    declared = {
        (method, route.path)
        for route in framework().router.routes
        if (getattr(route, "openapi_extra", None) or {}).get(SCOPE_MARK) == PUBLIC
        for method in route.methods
    }
    assert declared == gate.PUBLIC | {("POST", gate.HOOKS + one) for one in HOOKS}


RUNS = [(f"/v1/{path}", {}) for path in ("runbooks/restart-workload/execute", "executions/exe_1/approve", "executions/exe_1/reject")]


async def test_a_viewer_changes_nothing(api: Api) -> None:
    viewer = await member(api, actors.Role.VIEWER, "viewer@example.org")
    assert (await viewer.get("/v1/issues")).status_code == 200
    for path, body in (("/v1/api-keys", {"name": "x"}), ("/v1/clusters", {"name": "x"}), ("/v1/invites", {"role": "viewer"}), *RUNS):
        refused = await viewer("POST", path, json=body)
        assert (refused.status_code, refused.json()["code"]) == (403, "missing_scope"), path
    assert "your role viewer" in refused.json()["detail"]
