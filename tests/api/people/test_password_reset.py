"""A forgotten password is reset by e-mail: once, within an hour, and strangers do not learn who is a member."""

import re

import pytest
import sqlalchemy as sa

from optral.access import people_repository
from optral.access.policy import SignInPolicy
from optral.access.tables import password_resets
from optral.mail import service as mail
from optral.mail.model import Content, Message
from optral.mail.service import Outbox
from optral.terms.actor import Role, system
from tests.api.accounts import PASSWORD, Browser, member, signed_in
from tests.api.conftest import Api

EMAIL = "owner@example.org"
KEY = b"k" * 32
NEW = "a password nobody guessed"


@pytest.fixture
def mailing(api: Api) -> Api:
    api.services.outbox = Outbox(KEY, "https://optral.example")
    return api


async def sent(api: Api) -> list[tuple[Message, Content]]:
    """What waits in the outbox, oldest first."""
    await api.services.password_resets.flush()
    found = await api.store.read(system(api.org), mail.newest)
    return [(one, content) for one in found[::-1] if (content := mail.opened(one, key=KEY)) is not None]


async def token(api: Api) -> str:
    """Of the newest link."""
    found = re.search(r"/(?:reset|invite)#([A-Za-z0-9_-]{43})", (await sent(api))[-1][1].text)
    assert found is not None
    return found[1]


async def request(api: Api, email: str = EMAIL) -> int:
    return (await Browser(api)("POST", "/v1/password-resets", json={"email": email})).status_code


async def complete(api: Api, of: str, password: str = NEW) -> tuple[int, str]:
    answer = await Browser(api)("POST", "/v1/password-resets/complete", json={"token": of, "password": password})
    return answer.status_code, answer.json().get("code", "")


async def test_a_link_sets_a_password_once_and_ends_every_session(mailing: Api) -> None:
    before = await signed_in(mailing)
    assert await request(mailing) == 204
    link = await token(mailing)
    offer = await Browser(mailing)("POST", "/v1/password-resets/check", json={"token": link})
    assert offer.json()["email"] == EMAIL
    browser = Browser(mailing)
    done = await browser("POST", "/v1/password-resets/complete", json={"token": link, "password": NEW})
    assert done.status_code == 201 and (await browser.get("/v1/session")).status_code == 200
    assert (await before.get("/v1/session")).status_code == 401
    assert await complete(mailing, link) == (403, "link_invalid")
    for password, status in ((PASSWORD, 401), (NEW, 201)):
        assert (await Browser(mailing)("POST", "/v1/session", json={"email": EMAIL, "password": password})).status_code == status
    actions = [one["action"] for one in (await mailing.get("/v1/audit?group=member")).json()["audit"]]
    assert actions[:2] == ["member.reset_password", "member.request_reset"]


async def test_an_unknown_address_gets_the_same_answer_and_no_message(mailing: Api) -> None:
    await signed_in(mailing)
    assert [await request(mailing, email) for email in (EMAIL, "nobody@example.com")] == [204, 204]
    assert [message.recipient for message, _ in await sent(mailing)] == [EMAIL]


async def test_a_link_ends_after_an_hour_and_with_another_password(mailing: Api) -> None:
    person = await signed_in(mailing)
    await request(mailing)
    old = await token(mailing)
    mailing.clock.advance(3601)
    assert await complete(mailing, old) == (403, "link_invalid")
    await request(mailing)
    other = await token(mailing)
    changed = await person("POST", "/v1/session/password", json={"currentPassword": PASSWORD, "password": NEW})
    assert changed.status_code == 200, changed.text
    assert await complete(mailing, other) == (403, "link_invalid")


async def test_the_store_has_no_token_and_a_weak_password_is_refused(mailing: Api) -> None:
    await signed_in(mailing)
    await request(mailing)
    link = await token(mailing)
    stored = await mailing.store.read(system(), lambda tx: tx.execute(sa.select(password_resets.c.digest)).scalars().all())
    assert link.encode() not in stored and len(stored) == 1
    assert await complete(mailing, link, "password1234") == (422, "weak_password")
    assert await complete(mailing, link) == (201, "")


async def test_requests_are_limited_for_known_and_unknown_addresses_alike(mailing: Api) -> None:
    await signed_in(mailing)
    assert [await request(mailing, "nobody@example.com") for _ in range(6)] == [204] * 5 + [429]
    assert await request(mailing) == 429, "as many from one address, whatever the account"
    mailing.clock.advance(901)
    assert await request(mailing) == 204


async def test_who_must_sign_in_with_a_provider_gets_no_link(mailing: Api) -> None:
    owner, dev = await signed_in(mailing), await member(mailing, Role.VIEWER, "dev@example.org")
    assert dev is not None
    await request(mailing, "dev@example.org")
    early = await token(mailing)
    await mailing.store.write(system(mailing.org), lambda tx: people_repository.set_policy(tx, SignInPolicy(is_provider_only=True)))
    await request(mailing, "dev@example.org")
    await request(mailing)
    recipients = [message.recipient for message, _ in await sent(mailing)]
    assert recipients == ["dev@example.org", EMAIL], "an owner signs in while the provider is down"
    assert await complete(mailing, early) == (403, "link_invalid")
    assert owner is not None


async def test_a_server_without_a_relay_says_so(api: Api) -> None:
    answer = await Browser(api)("POST", "/v1/password-resets", json={"email": EMAIL})
    assert (answer.status_code, answer.json()["code"]) == (409, "mail_not_configured")


async def test_an_invitation_for_an_address_is_sent_there_and_the_link_works(mailing: Api) -> None:
    owner = await signed_in(mailing)
    made = (await owner("POST", "/v1/invites", json={"role": "viewer", "email": "new@example.org"})).json()
    anyone = (await owner("POST", "/v1/invites", json={"role": "viewer"})).json()
    assert (made["emailed"], anyone["emailed"]) == (True, False)
    [(message, _)] = await sent(mailing)
    assert message.recipient == "new@example.org"
    body = {"token": await token(mailing), "email": "new@example.org", "password": NEW}
    assert (await Browser(mailing)("POST", "/v1/invites/accept", json=body)).status_code == 201


async def test_without_a_relay_an_invitation_is_a_link_to_pass_on(api: Api) -> None:
    owner = await signed_in(api)
    made = (await owner("POST", "/v1/invites", json={"role": "viewer", "email": "new@example.org"})).json()
    assert made["emailed"] is False and "/invite#" in made["url"]
