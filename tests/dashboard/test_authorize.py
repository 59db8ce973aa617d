"""A person lets an assistant sign in as them, or does not."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.async_api import Page, Route, expect

from tests.api.people.test_oauth import BACK, CHALLENGE, client, exchange
from tests.dashboard.conftest import Person

pytestmark = pytest.mark.slow


def address(client_id: str, **more: str) -> str:
    given = {"client_id": client_id, "redirect_uri": BACK, "code_challenge": CHALLENGE, "code_challenge_method": "S256", "state": "1"}
    return f"/authorize?{urlencode(given | {'response_type': 'code'} | more)}"


async def test_the_page_says_who_wants_what_and_sends_the_code_back(person: Person, page: Page) -> None:
    client_id = await client(person.api)
    await person.open(address(client_id))
    await expect(page.get_by_text("Editor")).to_be_visible()
    await expect(page.get_by_text(BACK)).to_be_visible()
    await expect(page.get_by_role("note")).to_contain_text("Approve only if you started this yourself")

    async def arrived(route: Route) -> None:
        await route.fulfill(body="done")

    await page.route("http://127.0.0.1:33418/**", arrived)
    await page.get_by_role("button", name="Approve").click()
    await page.wait_for_url("http://127.0.0.1:33418/callback*")
    query = parse_qs(urlsplit(page.url).query)
    assert query["state"] == ["1"]
    token = (await exchange(person.api, client_id, query["code"][0])).json()
    assert "runbooks:plan" in token["scope"]


async def test_a_denied_assistant_gets_no_code(person: Person, page: Page) -> None:
    await person.open(address(await client(person.api)))
    await page.get_by_role("button", name="Deny").click()
    await expect(page.get_by_text("The assistant gets no access")).to_be_visible()


async def test_an_address_that_was_not_registered_cannot_be_approved(person: Person, page: Page) -> None:
    await person.open(address(await client(person.api), redirect_uri="https://evil.example/callback"))
    await expect(page.get_by_text("the client did not register this address")).to_be_visible()
    await expect(page.get_by_role("button", name="Approve")).to_have_count(0)
