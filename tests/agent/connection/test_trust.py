"""Which CAs an agent trusts after a rotation: only those that a trusted CA has signed for, wherever the offer comes from."""

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from optral.agent.connection import identity, returning, trust
from optral.agent.connection.bootstrap import Document
from optral.agent.connection.trust import Endorsement
from optral.clusters import authority as ca
from optral.clusters.authority import Authority
from optral.clusters.rotation import Phase, Rotation
from tests.support.agents import KEY_ENCRYPTION_KEY, AgentKey

NOW = datetime.now(UTC)


def _open(phase: Phase, current: int) -> Authority:
    rotation = Rotation(phase=phase, current=current, upcoming=None if phase is Phase.IDLE else current + 1)
    return ca.open_sealed(ROWS, key_encryption_key=KEY_ENCRYPTION_KEY, rotation=rotation)


ROWS = [
    row
    for generation in (1, 2, 3)
    for row in ca.create(key_encryption_key=KEY_ENCRYPTION_KEY, trust_domain=ca.DEFAULT_TRUST_DOMAIN, now=NOW, generation=generation)
]
FIRST, FIRST_TO_SECOND, SECOND_SIGNS = _open(Phase.IDLE, 1), _open(Phase.BOTH, 1), _open(Phase.SIGNING, 1)
SECOND, SECOND_TO_THIRD, THIRD = _open(Phase.IDLE, 2), _open(Phase.BOTH, 2), _open(Phase.IDLE, 3)


def words(authority: Authority) -> list[Endorsement]:
    return [Endorsement(one.root, one.by, one.signature) for one in authority.endorsements]


def followed(trusted: Authority, offered: Authority, endorsements: Sequence[Endorsement]) -> list[str] | None:
    bundle = trust.followed(trusted.ca_pem.encode(), offered.ca_pem.encode(), endorsements)
    return None if bundle is None else trust.pins(bundle)


def test_the_words_that_are_signed_are_the_same_on_both_sides() -> None:
    assert trust.ENDORSEMENT == ca.ENDORSEMENT


@pytest.mark.parametrize(
    ("trusted", "offered", "endorsements", "expected"),
    [
        pytest.param(FIRST, FIRST_TO_SECOND, words(FIRST_TO_SECOND), [FIRST.ca_pin, SECOND.ca_pin], id="the new CA, endorsed by the old"),
        pytest.param(SECOND, SECOND_SIGNS, words(SECOND_SIGNS), [SECOND.ca_pin, FIRST.ca_pin], id="the old CA, endorsed by the new"),
        pytest.param(FIRST, FIRST_TO_SECOND, [], [FIRST.ca_pin], id="no endorsement"),
        pytest.param(FIRST, FIRST_TO_SECOND, words(SECOND_TO_THIRD), [FIRST.ca_pin], id="endorsements of other CAs"),
        pytest.param(FIRST_TO_SECOND, SECOND, [], [SECOND.ca_pin], id="the old CA is gone"),
        pytest.param(FIRST, SECOND, words(FIRST_TO_SECOND), [SECOND.ca_pin], id="only the new CA is offered, and endorsed"),
        pytest.param(FIRST, SECOND, [], None, id="nothing that is trusted"),
        pytest.param(FIRST, THIRD, words(SECOND_TO_THIRD), None, id="endorsed by a CA that is not offered and not trusted"),
    ],
)
def test_a_ca_is_trusted_when_a_trusted_one_endorses_it(
    trusted: Authority, offered: Authority, endorsements: list[Endorsement], expected: list[str] | None
) -> None:
    assert followed(trusted, offered, endorsements) == expected


@pytest.mark.parametrize("change", ["signature", "root", "by"])
def test_a_forged_endorsement_counts_for_nothing(change: str) -> None:
    forged = {"signature": b"\x30\x06\x02\x01\x01\x02\x01\x01", "root": "0" * 64, "by": SECOND.ca_pin}[change]
    endorsements = [dataclasses.replace(word, **{change: forged}) for word in words(FIRST_TO_SECOND)]
    assert followed(FIRST, FIRST_TO_SECOND, endorsements) == [FIRST.ca_pin]


def test_an_unreadable_offer_changes_nothing() -> None:
    assert trust.followed(FIRST.ca_pem.encode(), b"nothing", []) is None


def _agent(authority: Authority) -> identity.Identity:
    key = AgentKey()
    chain = authority.issue_agent(key.request, org_id="org_a", cluster_id="cls_a", now=NOW).chain_pem
    return identity.Identity(
        salt=b"", key_pem=key.pem, chain_pem=chain.encode(), bundle_pem=authority.ca_pem.encode(), pin=authority.ca_pin
    )


def _document(authority: Authority) -> Document:
    return Document(
        roots_pem=authority.ca_pem.encode(),
        endorsements=tuple(words(authority)),
        agent_authorities=frozenset(authority.accepted_key_ids),
        enroll_address="h:1",
        tunnel_address="h:2",
    )


@pytest.mark.parametrize(
    ("now", "pins", "say"),
    [
        pytest.param(FIRST, None, "", id="no rotation: something else is wrong"),
        pytest.param(SECOND_SIGNS, [SECOND.ca_pin, FIRST.ca_pin], "", id="the new CA signs, the old one is trusted"),
        pytest.param(SECOND, None, returning.REPLACED, id="the old CA is gone"),
    ],
)
def test_an_agent_that_was_away_takes_the_new_ca_or_says_what_to_do(now: Authority, pins: list[str] | None, say: str) -> None:
    outcome = returning.judge(_agent(FIRST), _document(now))
    assert (outcome.say, trust.pins(outcome.identity.bundle_pem) if outcome.identity else None) == (say, pins)


def test_an_agent_that_trusts_the_new_ca_but_never_renewed_gets_the_reason() -> None:
    away = identity.with_bundle(_agent(FIRST), FIRST_TO_SECOND.ca_pem.encode())
    assert returning.judge(away, _document(SECOND)).say == returning.RETIRED


@pytest.mark.parametrize(
    ("pin", "known"),
    [
        pytest.param(FIRST.ca_pin, True, id="the old CA"),
        pytest.param(SECOND.ca_pin, True, id="the new CA"),
        pytest.param(THIRD.ca_pin, False, id="a foreign CA"),
    ],
)
def test_a_kept_identity_fits_the_pin_of_each_ca_it_trusts(pin: str, known: bool) -> None:
    assert identity.with_bundle(_agent(FIRST), FIRST_TO_SECOND.ca_pem.encode()).knows(pin) is known
