"""A forgotten password in a browser: from the sign-in page through the link in the e-mail to being signed in."""

import pytest
from playwright.async_api import Browser, expect

from optral.mail.service import Outbox
from tests.api.conftest import Api
from tests.api.people.test_password_reset import KEY, NEW, token
from tests.dashboard.conftest import EMAIL, Person, sign_in, window

pytestmark = pytest.mark.slow


@pytest.fixture
async def mailing(edge: Api, chromium: Browser) -> Api:
    """With an outbox, and an owner who has a password."""
    edge.services.outbox = Outbox(KEY, edge.url)
    async with window(chromium, edge) as owner:
        await sign_in(owner)
    return edge


async def request(person: Person) -> str:
    """Ask for a link; its path."""
    await person.open("/login")
    await person.page.get_by_role("link", name="Forgot password?").click()
    await expect(person.page.get_by_role("heading", name="Reset your password")).to_be_visible()  # the page before has an Email, too
    await person.page.get_by_label("Email").fill(EMAIL)
    await person.page.get_by_role("button", name="Send link").click()
    await expect(person.page.get_by_role("status")).to_contain_text("within one hour")
    return f"/reset#{await token(person.api)}"


async def test_a_forgotten_password_is_reset_and_the_person_is_signed_in(chromium: Browser, mailing: Api) -> None:
    async with window(chromium, mailing) as person:
        link, page = await request(person), person.page
        await person.open(link)
        await expect(page.get_by_text(EMAIL)).to_be_visible()
        await page.get_by_label("New password").fill("short")
        await page.get_by_role("button", name="Set password").click()
        await expect(page.get_by_label("New password")).to_have_attribute("aria-invalid", "true")
        assert await person.axe() == []
        await page.get_by_label("New password").fill(NEW)
        await page.get_by_role("button", name="Set password").click()
        await expect(page.get_by_role("navigation").first).to_be_visible()
        assert "#" not in page.url

    async with window(chromium, mailing) as person:  # the link again, somewhere else
        await person.open(link)
        await expect(person.page.get_by_text("A link can be used once, within one hour.")).to_be_visible()
        await person.page.get_by_role("link", name="sign").first.click()
        await person.page.wait_for_url("**/login*")
