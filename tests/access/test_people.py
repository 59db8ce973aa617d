"""The rules of people, and the packages' doors where HTTP does not reach: pruning, links of several organizations, password work."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from optral.access import passwords, people, people_service as service, service as access
from optral.access.people import Session
from optral.store.store import Store
from optral.terms.actor import Actor, ActorKind, Role, key, person, system
from optral.terms.errors import Forbidden, Invalid
from optral.terms.ids import KeyId, OrgId, UserId
from tests.conftest import new_org
from tests.support.clock import FakeClock

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
PEPPER = b"p" * 32


@pytest.mark.parametrize(
    ("seen_s", "age_s", "is_usable"),
    [
        pytest.param(0, 0, True, id="new"),
        pytest.param(12 * 3600 - 1, 12 * 3600 - 1, True, id="nearly idle"),
        pytest.param(12 * 3600, 12 * 3600, False, id="idle"),
        pytest.param(0, 7 * 86400 - 1, True, id="busy for a week"),
        pytest.param(0, 7 * 86400, False, id="a week old"),
    ],
)
def test_when_a_session_ends(seen_s: int, age_s: int, is_usable: bool) -> None:
    made = NOW - timedelta(seconds=age_s)
    session = Session(
        id="ses_1",
        org_id=OrgId("org_1"),
        user_id=UserId("usr_1"),
        created_at=made,
        seen_at=NOW - timedelta(seconds=seen_s),
        confirmed_at=made,
        expires_at=made + people.SESSION_LIFE,
    )
    assert session.is_usable(NOW) is is_usable


@pytest.mark.parametrize(
    ("password", "is_good"),
    [
        ("a long and quiet river", True),
        ("пароль длинный и свой", True),
        ("x" * 12, False),
        ("elevenchars", False),
        ("Welcome-2025-!!", True),
        ("P-a-s-s-w-o-r-d-1-2-3-4", False),
        ("owner@example.org", False),
        ("a1b2c3d4" * 40, False),
    ],
)
def test_which_passwords_are_taken(password: str, is_good: bool) -> None:
    if is_good:
        assert people.checked_password(password, email="owner@example.org") == password
    else:
        with pytest.raises(Invalid):
            people.checked_password(password, email="owner@example.org")


def test_tokens_differ_and_keep_their_form() -> None:
    tokens = {people.generate_token() for _ in range(200)}
    assert len(tokens) == 200 and all(people.is_token(token) for token in tokens)
    assert not any(people.is_token(text) for text in ("", "A" * 42, "A" * 44, "A" * 42 + "\n", "Ä" * 43))


def in_session(confirmed_at: datetime | None) -> Actor:
    return Actor(kind=ActorKind.PERSON, org_id=OrgId("org_1"), id="usr_1", session_id="ses_1", confirmed_at=confirmed_at)


@pytest.mark.parametrize(
    ("actor", "is_let"),
    [
        (in_session(NOW - timedelta(minutes=15)), True),
        (in_session(NOW - timedelta(minutes=15, seconds=1)), False),
        (in_session(None), False),
        (key(OrgId("org_1"), KeyId("key_1"), scopes=frozenset(), clusters=None, role=Role.OWNER), True),
        (system(OrgId("org_1")), True),
    ],
)
def test_who_has_to_type_the_password_again(actor: Actor, is_let: bool) -> None:
    if is_let:
        people.require_confirmed(actor, NOW)
    else:
        with pytest.raises(Forbidden):
            people.require_confirmed(actor, NOW)


async def test_nobodys_password_is_checked_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = await passwords.hashed("a long and quiet river")
    assert kept.startswith("$argon2id$")
    assert await passwords.matches("a long and quiet river", kept)
    assert not await passwords.matches("another river", kept)
    checked: list[str] = []
    hasher = passwords._hasher()
    verify = hasher.verify

    def watched(password: Any, kept: Any) -> bool:
        checked.append(str(kept)[: len("$argon2id$v=19$m=65536,t=3,p=4$")])
        return verify(password, kept)

    monkeypatch.setattr(hasher, "verify", watched)
    await passwords.matches("x", kept)
    assert not await passwords.matches("x", None)
    assert len(checked) == 2 and checked[0] == checked[1]  # the same work


async def test_each_organisation_nobody_can_sign_in_to_gets_a_link(store: Store, org: OrgId, clock: FakeClock) -> None:
    other = await new_org(store, clock, name="Other")
    made = await store.write(system(), lambda tx: service.create_setup_links(tx, pepper=PEPPER))
    assert {org_id for org_id, _ in made} == {org, other}
    tokens = dict(made)
    await store.write(system(org), lambda tx: service.set_password(tx, service.owner(tx), hash="$argon2id$x"))
    with pytest.raises(Forbidden):
        await store.read(system(), lambda tx: service.setup_link(tx, pepper=PEPPER, token=tokens[org]))
    assert (await store.read(system(), lambda tx: service.setup_link(tx, pepper=PEPPER, token=tokens[other]))).org_id == other


async def test_an_empty_database_gets_one_link(store: Store) -> None:
    made = await store.write(system(), lambda tx: service.create_setup_links(tx, pepper=PEPPER))
    assert [org_id for org_id, _ in made] == [None]


async def test_an_address_means_its_oldest_membership_unless_the_organisation_is_named(store: Store, org: OrgId, clock: FakeClock) -> None:
    clock.advance(1)
    other = await new_org(store, clock, name="Other")
    for one in (org, other):
        await store.write(system(one), lambda tx: service.set_password(tx, service.owner(tx), hash="$argon2id$x"))

    async def of(organisation: str) -> OrgId | None:
        found = await store.read(system(), lambda tx: service.account(tx, email="OWNER@example.org ", organisation=organisation))
        return None if found is None else found.org_id

    assert [await of(""), await of("Test"), await of("Other"), await of("None")] == [org, org, other, None]


async def test_sessions_and_invitations_that_expired_are_removed(store: Store, org: OrgId, clock: FakeClock) -> None:
    owner = await store.read(system(org), service.owner)
    for _ in range(2):
        await store.write(system(org), lambda tx: service.open_session(tx, pepper=PEPPER, user_id=owner.id))
    await store.write(system(org), lambda tx: service.create_invite(tx, pepper=PEPPER, role=Role.VIEWER))
    assert await store.write(system(), service.prune) == 0
    clock.advance(12 * 3600 + 1)
    assert await store.write(system(), service.prune) == 2
    clock.advance(7 * 86400)
    assert await store.write(system(), service.prune) == 1


async def test_a_session_of_another_organisation_is_none(store: Store, org: OrgId, clock: FakeClock) -> None:
    owner = await store.read(system(org), service.owner)
    session, _ = await store.write(system(org), lambda tx: service.open_session(tx, pepper=PEPPER, user_id=owner.id))
    other = await new_org(store, clock, name="Other")
    assert not await store.write(system(other), lambda tx: service.end_session(tx, session.id))
    who = person(org, owner.id, scopes=frozenset(), role=Role.OWNER)
    assert (await store.read(who, lambda tx: service.session(tx, session.id))).session == session


async def test_removed_members_do_not_count(store: Store, org: OrgId) -> None:
    invite, token = await store.write(system(org), lambda tx: service.create_invite(tx, pepper=PEPPER, role=Role.OWNER))
    made = await store.write(system(org), lambda tx: service.accept_invite(tx, invite, email="b@example.org", hash="$argon2id$x"))
    assert await store.read(system(org), access.count_members) == 2
    await store.write(system(org), lambda tx: service.remove_member(tx, made.id))
    assert await store.read(system(org), access.count_members) == 1
    assert len(await store.read(system(org), service.find_members)) == 1
    assert token
