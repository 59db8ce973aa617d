"""Settings, Sign-in: an owner adds a provider, tests it, gives its groups access, and switches passwords off with a way in left."""

import re

import pytest
from playwright.async_api import Browser, Locator, expect

from optral.api.http.cookies import PLAIN
from optral.identity import service as identity
from optral.identity.model import ProviderSettings
from optral.terms.actor import Role, system
from tests.api.accounts import member
from tests.api.conftest import Api
from tests.api.people.scim_calls import Scim
from tests.dashboard.conftest import EMAIL, Person, sign_in, window
from tests.dashboard.test_axe import PHONE, faults
from tests.identity.provider import CLIENT, ISSUER, SECRET, Provider

pytestmark = pytest.mark.slow
PAGE = "/settings/sign-in"


@pytest.fixture
def provider(edge: Api) -> Provider:
    edge.services.identity_caller = made = Provider(edge.clock)
    return made


async def menu(row: Locator, item: str) -> None:
    await row.get_by_role("button", name="More actions").click()
    await row.page.get_by_role("menuitem", name=item).click()


async def added(person: Person) -> Locator:
    """Add the provider in the dialog; the row that it gets."""
    page = person.page
    await page.get_by_role("button", name="Add identity provider").click()
    form = page.get_by_role("dialog", name="Add an identity provider")
    await form.get_by_role("button", name="Add").click()
    await expect(form.get_by_label("Issuer")).to_have_attribute("aria-invalid", "true")
    for label, value in {"Name": "Example", "Issuer": ISSUER, "Client ID": CLIENT, "Client secret": SECRET}.items():
        await form.get_by_label(label).fill(value)
    await form.get_by_role("button", name="Add").click()
    result = page.get_by_role("dialog", name="Test Example")
    await expect(result).to_contain_text("Discovery works.")
    await expect(result).to_contain_text("/sign-in/callback")
    await expect(result).to_contain_text("/v1/hooks/identity-providers/idp_")
    await result.get_by_role("button", name="Close").last.click()
    return page.get_by_role("row").filter(has_text=ISSUER)


async def test_an_owner_adds_a_provider_and_gives_its_groups_access(person: Person, edge: Api, provider: Provider) -> None:
    page = person.page
    await edge.new_cluster("production")
    await person.open(PAGE)
    await expect(page.get_by_text("No identity provider. People sign in with a password.")).to_be_visible()
    row = await added(person)
    assert SECRET not in await page.content()
    await expect(row).to_contain_text("As set for each member")

    await menu(row, "Access…")
    form = page.get_by_role("dialog", name="Access of Example")
    for value, role, clusters, namespaces in (("shop-team", "operator", "production", "shop"), ("platform", "admin", "", "")):
        await form.get_by_label("Value").fill(value)
        await form.get_by_label("Role", exact=True).select_option(role)
        await form.get_by_label("Clusters", exact=True).fill(clusters)
        await form.get_by_label("Namespaces").fill(namespaces)
        if clusters:
            await form.get_by_role("button", name="Add rule").click()
    await expect(form.get_by_role("list", name="Rules")).to_contain_text("groups is shop-team: operator in shop of production")
    await form.get_by_label("Everybody who gets a role").check()
    await form.get_by_role("button", name="Save").click()
    await expect(form.get_by_label("Email domains")).to_have_attribute("aria-invalid", "true")  # who may become a member must be known
    await form.get_by_label("Email domains").fill("example.com")
    await form.get_by_role("button", name="Save").click()
    await expect(row).to_contain_text("groups is platform: admin everywhere")
    await expect(row).to_contain_text("groups is shop-team: operator in shop of production")

    await menu(row, "Edit…")
    form = page.get_by_role("dialog", name="Edit Example")
    await form.get_by_label("Name").fill("Example Corp")
    await form.get_by_label("Signing out of Optral also ends").check()
    await form.get_by_role("button", name="Save").click()
    await expect(row).to_contain_text("Example Corp")
    await row.get_by_role("button", name="Test").click()
    result = page.get_by_role("dialog", name="Test Example Corp")
    await expect(result).to_contain_text("Discovery works. People can sign in, but signing out of Optral cannot end their session")
    await expect(result).to_contain_text("http://optral.example.org/signed-out")
    provider.fails = "tls"
    await result.get_by_role("button", name="Test again").click()
    await expect(result).to_contain_text("Nobody can sign in with it. The TLS certificate of the provider")
    assert await person.axe("[role=dialog]") == []


async def test_passwords_are_switched_off_with_a_way_in_that_is_named(person: Person, edge: Api, provider: Provider) -> None:
    page = person.page
    await person.open(PAGE)
    policy = page.locator("section", has=page.get_by_role("heading", name="Sign-in policy", exact=True)).last
    await policy.get_by_role("button", name="Change").click()
    form = page.get_by_role("dialog", name="Sign-in policy")
    await expect(form.get_by_label("Only owners can sign in with a password")).to_be_disabled()  # nobody else could come in
    await form.get_by_role("button", name="Cancel").click()
    row = await added(person)

    await policy.get_by_role("button", name="Change").click()
    await form.get_by_label("Only owners can sign in with a password").check()
    await expect(form).to_contain_text(f"{EMAIL} can still sign in with a password")
    await form.get_by_label("Longest session").fill("400")
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_contain_text("Enter a number from 1 to 168.")
    await form.get_by_label("Longest session").fill("12")
    await form.get_by_label("Idle time").fill("90")
    await form.get_by_label("Networks").fill("192.0.2.0/24")
    await form.get_by_role("button", name="Save").click()
    await expect(form.get_by_role("alert")).to_contain_text("are not allowed here")  # it would shut the owner out
    await form.get_by_label("Networks").fill("127.0.0.0/8\n::1/128")
    await form.get_by_role("button", name="Save").click()
    for text in ("Owners only", EMAIL, "12 hours", "90 minutes", "127.0.0.0/8, ::1/128"):
        await expect(policy).to_contain_text(text)

    await menu(row, "Disable")
    await expect(page.get_by_text("people sign in with an identity provider only, so one must be enabled")).to_be_visible()
    await menu(row, "Delete…")
    asking = page.get_by_role("dialog", name="Delete Example?")
    await asking.get_by_role("button", name="Delete").click()
    await expect(asking.get_by_role("alert")).to_contain_text("so one must be enabled")
    await asking.get_by_role("button", name="Cancel").click()
    await policy.get_by_role("button", name="Change").click()
    await form.get_by_label("Only owners can sign in with a password").uncheck()
    await form.get_by_role("button", name="Save").click()
    await expect(policy).to_contain_text("All members")
    await menu(row, "Delete…")
    await asking.get_by_role("button", name="Delete").click()
    await expect(page.get_by_text("No identity provider. People sign in with a password.")).to_be_visible()


async def test_a_provider_gets_a_token_and_what_it_provisions_is_counted(person: Person, edge: Api, provider: Provider) -> None:
    page = person.page
    await person.open(PAGE)
    await added(person)
    section = page.locator("section", has=page.get_by_role("heading", name="Provisioning (SCIM)")).last
    await expect(section.get_by_role("region", name="base URL")).to_have_text(re.compile("/scim/v2$"))
    row = section.get_by_role("row").filter(has_text="Example")
    await row.get_by_role("button", name="Create token").click()
    form = page.get_by_role("dialog", name="Create the SCIM token of Example")
    await form.get_by_label("Networks").fill("127.0.0.0/33")
    await form.get_by_role("button", name="Create").click()
    await expect(form.get_by_label("Networks")).to_have_attribute("aria-invalid", "true")
    await form.get_by_label("Networks").fill("127.0.0.0/8 ::1/128")
    await form.get_by_role("button", name="Create").click()
    shown = page.get_by_role("dialog", name="Store this token now")
    assert await person.axe("[role=dialog]") == []
    token = await shown.get_by_role("textbox", name="SCIM token of Example").inner_text()
    await shown.get_by_role("button", name="I have stored it").click()
    assert token not in await page.content()
    await expect(row).to_contain_text("only from 127.0.0.0/8, ::1/128")
    await expect(row).to_contain_text("never")

    scim = Scim(edge, token)
    people = [await scim.create("/Users", userName=f"{name}@example.com", active=name != "gone") for name in ("ann", "bob", "gone")]
    await scim.create("/Groups", displayName="shop-team", members=[{"value": people[0]["id"]}])
    await page.reload()
    await expect(row).to_contain_text("2 active, 0 members")
    await expect(row.get_by_text("never")).to_have_count(0)
    await expect(row.get_by_role("cell").nth(4)).to_have_text("Groups1")

    await row.get_by_role("button", name="Rotate").click()
    await page.get_by_role("dialog", name="Rotate the SCIM token of Example").get_by_role("button", name="Rotate").click()
    assert await shown.get_by_role("textbox", name="SCIM token of Example").inner_text() != token
    await shown.get_by_role("button", name="I have stored it").click()
    await expect(row).to_contain_text("the old one ends")
    await row.get_by_role("button", name="Delete").click()
    await page.get_by_role("dialog", name="Delete SCIM token of Example?").get_by_role("button", name="Delete").click()
    await expect(row.get_by_role("button", name="Create token")).to_be_visible()
    assert (await scim("GET", "/Users")).status_code == 401


@pytest.mark.parametrize("pattern", ["**/v1/identity-providers", "**/v1/sign-in-policy", "**/scim"])
async def test_a_section_that_fails_says_so_and_is_tried_again(person: Person, edge: Api, pattern: str) -> None:
    corp = ProviderSettings(name="Example", issuer=ISSUER, client_id=CLIENT)
    await edge.store.write(system(edge.org), lambda tx: identity.create(tx, corp, key=edge.services.sealing_key, secret=None))
    await person.fail_until_tried_again(pattern)
    await person.open(PAGE)
    await expect(person.page.get_by_text(re.compile("Could not load"))).to_have_count(1)
    await person.page.get_by_role("button", name="Try again").click()
    for name in ("Identity providers", "Sign-in policy", "Provisioning (SCIM)"):
        await expect(person.page.get_by_role("heading", name=name, exact=True)).to_be_visible()


async def test_admins_see_that_owners_decide(chromium: Browser, edge: Api) -> None:
    admin = await member(edge, Role.ADMIN, "admin@example.org")
    async with window(chromium, edge) as person:
        await person.page.context.add_cookies([{"name": PLAIN, "value": str(admin.cookie), "url": edge.url}])
        await person.open(PAGE)
        await expect(person.page.get_by_role("heading", name="Owners only")).to_be_visible()
        await person.open("/settings/members")
        await expect(person.page.get_by_role("link", name="Members")).to_be_visible()
        await expect(person.page.get_by_role("link", name="Sign-in", exact=True)).to_have_count(0)


async def test_a_long_list_of_rules_fits_a_phone_in_light_and_dark(chromium: Browser, edge: Api) -> None:
    groups = [{"claim": "realm_access.roles", "value": f"team-{number}-{'x' * 60}", "role": "operator"} for number in range(5)]
    corp = ProviderSettings(name="Example", issuer=ISSUER, client_id=CLIENT, rules=groups)
    await edge.store.write(system(edge.org), lambda tx: identity.create(tx, corp, key=edge.services.sealing_key, secret=None))
    async with window(chromium, edge, width=PHONE, height=844, touch=True) as person:
        await sign_in(person)
        await person.open(PAGE)
        await expect(person.page.get_by_text("and 2 more")).to_be_visible()
        assert await faults(person, PAGE) == []
        assert not await person.page.evaluate("document.documentElement.scrollWidth > innerWidth")
