"""The choices of scopes for a key, on the page of a login and in the settings: each is accepted, and does what it promises."""

import json
import re
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from optral.access.model import KEY_PRESETS, KEY_SCOPES, ROLE_SCOPES
from optral.terms import ids
from optral.terms.actor import Role
from tests.api.accounts import PASSWORD, member
from tests.api.conftest import Api
from tests.api.people.test_device import poll, start
from tests.dashboard.conftest import Person, sign_in, window
from tests.dashboard.test_device import enter
from tests.dashboard.test_settings import shown_key
from tests.support.clock import NOON

pytestmark = pytest.mark.slow
OFFERED = {
    Role.OWNER: [*KEY_PRESETS],
    Role.ADMIN: [*KEY_PRESETS],
    Role.OPERATOR: ["Read-only", "Read and write"],
    Role.VIEWER: ["Read-only"],
}
"""What somebody of a role can choose: a choice that gives nothing more is not offered."""
PROMISES: tuple[tuple[str, str, str, dict[str, Any], int], ...] = (
    ("Read-only", "GET", "/v1/issues", {}, 200),
    ("Read-only", "GET", "/v1/members", {}, 200),
    ("Read and write", "PATCH", "/v1/issues/{issue}", {"status": "acknowledged"}, 404),
    ("Read and write", "POST", "/v1/issues/{issue}/analyze", {}, 404),
    ("Admin", "POST", "/v1/executions/{execution}/approve", {}, 404),
    ("Admin", "POST", "/v1/executions/pause", {"reason": "a test"}, 200),
    ("Admin", "POST", "/v1/clusters", {"name": "production"}, 201),
    ("Admin", "GET", "/v1/forges", {}, 200),
    ("Admin", "GET", "/v1/webhooks", {}, 200),
    ("Admin", "GET", "/v1/audit", {}, 200),
)
"""What each choice promises, with the status when the key may: 404 is of an object that is not there."""


async def signed_in(person: Person, role: Role) -> None:
    if role is Role.OWNER:
        await sign_in(person)
        return
    email = f"{role}@example.org"
    await member(person.api, role, email)
    answer = await person.page.context.request.post(
        person.api.url + "/v1/session",
        data=json.dumps({"email": email, "password": PASSWORD}),
        headers={"X-Optral-CSRF": "1", "Content-Type": "application/json"},
    )
    assert answer.ok, await answer.text()


async def check(api: Api, key: str, preset: str, role: Role) -> None:
    """The key has the scopes of its preset, does what that and each lower one promises, and says what to choose for the rest."""
    scopes = (await api.get("/v1/me", key=key)).json()["actor"]["scopes"]
    assert frozenset(scopes) == ROLE_SCOPES[KEY_PRESETS[preset]] & KEY_SCOPES & ROLE_SCOPES[role]
    order = list(KEY_PRESETS)
    for name, method, path, body, status in PROMISES:
        where = path.format(issue=ids.new("iss"), execution=ids.new("exe"))
        answer = await api(method, where, key=key, **({"json": body} if method != "GET" else {}))
        if order.index(name) <= order.index(preset):
            assert answer.status_code == status, (name, path, answer.text)
        else:
            assert answer.json()["code"] == "missing_scope", (name, path, answer.text)
            can = order.index(name) < len(OFFERED[role])
            assert (f"choose {name}" if can else "ask an owner or admin") in answer.json()["detail"]


async def offered(page: Page) -> list[str]:
    group = page.get_by_role("group", name="Permissions")
    await expect(group).to_be_visible()
    return [word for word in KEY_PRESETS if await group.get_by_label(word).count()]


@pytest.mark.parametrize(("role", "preset"), [(role, preset) for role, presets in OFFERED.items() for preset in presets])
async def test_a_login_gets_the_permissions_that_were_chosen(chromium: Browser, edge: Api, role: Role, preset: str) -> None:
    async with window(chromium, edge) as person:
        await signed_in(person, role)
        codes = await start(edge)
        await person.open("/device")
        await enter(person.page, codes["userCode"])
        assert await offered(person.page) == OFFERED[role]
        await person.page.get_by_label(preset).check()
        await person.page.get_by_role("button", name="Approve").click()
        await expect(person.page.get_by_role("heading", name="Login approved")).to_be_visible()
        await check(edge, (await poll(edge, codes)).json()["key"], preset, role)


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN])
async def test_each_choice_in_the_settings_makes_a_key(chromium: Browser, edge: Api, role: Role) -> None:
    async with window(chromium, edge) as person:
        await person.page.clock.set_fixed_time(NOON)
        await signed_in(person, role)
        await person.open("/settings/api-keys")
        for preset in KEY_PRESETS:
            await person.page.get_by_role("button", name="Create API Key").click()
            form = person.page.get_by_role("dialog", name="Create API Key")
            await form.get_by_label("Name").fill(f"key {preset}")
            await form.get_by_label(preset).check()
            await form.get_by_role("button", name="Create", exact=True).click()
            key = await shown_key(person.page, f"key {preset}")
            await person.page.get_by_role("button", name="I have stored it").click()
            await expect(person.page.get_by_role("row").filter(has_text=f"key {preset}").get_by_role("cell").nth(2)).to_have_text(
                re.compile(f"{preset}$")
            )
            if preset == "Admin":
                await edge("POST", "/v1/executions/resume", json={})
            await check(edge, key, preset, role)
