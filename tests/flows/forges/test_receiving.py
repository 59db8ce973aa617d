"""The webhook of a forge wakes the execution that waits for the pull request, and nobody else can."""

from datetime import timedelta

import pytest

from optral.flows.forges import receiving
from optral.forges import service as forges
from optral.forges.model import POLL_EVERY, WAKE_EVERY, Kind, Proposal, State
from optral.runbooks.model import Execution
from optral.terms.errors import Invalid, Unauthenticated
from tests.flows.executions.shop import Shop
from tests.flows.forges.gitops import KEY, GitOps
from tests.forges.fakes import REPOSITORY
from tests.forges.hooks import merged, signed


class Hooked:
    """An execution that waits for its pull request on a forge whose webhook is set up."""

    def __init__(self, gitops: GitOps) -> None:
        self.gitops, self.kind = gitops, gitops.kind
        self.one: Execution
        self.forge_id = self.secret = ""

    async def open(self) -> None:
        store, owner = self.gitops.shop.store, self.gitops.shop.owner
        await self.gitops.open()
        (forge,) = await store.read(owner, forges.find)
        made, self.secret = await store.write(owner, lambda tx: forges.roll(tx, forge.id, key=KEY))
        self.forge_id = made.id
        self.one, _ = await self.gitops.opened()
        self.gitops.shop.clock.advance(WAKE_EVERY.total_seconds())

    async def send(self, body: bytes, *, secret: str = "", event: str = "", forge_id: str = "") -> bool:
        headers = signed(self.kind, body, secret or self.secret, event=event)
        return await receiving.receive(self.gitops.shop.store, forge_id or self.forge_id, headers=headers, body=body, key=KEY)

    async def proposal(self) -> Proposal:
        return await self.gitops.proposal(self.one)


@pytest.fixture
async def hooked(shop: Shop) -> Hooked:
    made = Hooked(GitOps(shop))
    await made.open()
    return made


@pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.value)
async def test_a_merge_is_seen_at_once(shop: Shop, kind: Kind) -> None:
    hooked = Hooked(GitOps(shop, kind))
    await hooked.open()
    hooked.gitops.forge.merge(1)
    await hooked.gitops.work()
    assert (await hooked.proposal()).state is State.OPEN, "not before the next poll"
    assert await hooked.send(merged(kind, REPOSITORY, 1))
    await hooked.gitops.work()
    assert (await hooked.proposal()).state is State.MERGED


async def test_without_a_webhook_it_is_seen_at_the_next_poll(hooked: Hooked) -> None:
    hooked.gitops.forge.merge(1)
    hooked.gitops.shop.clock.advance(POLL_EVERY.total_seconds())
    await hooked.gitops.work()
    assert (await hooked.proposal()).state is State.MERGED


async def test_a_request_that_lies_changes_nothing(hooked: Hooked) -> None:
    """The forge is asked, not believed."""
    assert await hooked.send(merged(hooked.kind, REPOSITORY, 1))
    await hooked.gitops.work()
    assert (await hooked.proposal()).state is State.OPEN


async def test_a_flood_of_repeated_requests_looks_no_more_than_every_two_seconds(hooked: Hooked) -> None:
    body, asked = merged(hooked.kind, REPOSITORY, 1), len(hooked.gitops.forge.asked)
    for _ in range(20):
        assert await hooked.send(body)
        await hooked.gitops.work()
    assert len(hooked.gitops.forge.asked) == asked + 1
    hooked.gitops.shop.clock.advance(WAKE_EVERY.total_seconds())
    await hooked.gitops.work()
    assert len(hooked.gitops.forge.asked) == asked + 2, "the last of them counts, too"


@pytest.mark.parametrize(
    ("repository", "number", "action"),
    [
        pytest.param(REPOSITORY, 2, "", id="another pull request"),
        pytest.param(REPOSITORY, -1, "", id="a negative number"),
        pytest.param(REPOSITORY, 2**70, "", id="a number beyond any"),
        pytest.param("shop/other", 1, "", id="another repository"),
        pytest.param(REPOSITORY, 1, "edited", id="another action"),
    ],
)
async def test_what_nobody_waits_for_is_ignored(hooked: Hooked, repository: str, number: int, action: str) -> None:
    before = await hooked.proposal()
    assert not await hooked.send(merged(hooked.kind, repository, number, action=action))
    assert await hooked.proposal() == before


async def test_other_events_are_ignored_whatever_they_hold(hooked: Hooked) -> None:
    assert not await hooked.send(b"not json", event="push")
    with pytest.raises(Invalid, match="application/json"):
        await hooked.send(b"payload=%7B%7D")


@pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.value)
async def test_what_is_not_signed_with_the_secret_is_refused(shop: Shop, kind: Kind) -> None:
    hooked = Hooked(GitOps(shop, kind))
    await hooked.open()
    body = merged(kind, REPOSITORY, 1)
    before = await hooked.proposal()
    said = set()
    for secret, forge_id in (("another", ""), (hooked.secret, "frg_01jd3q4m6ve5jt8cmykq3rzm0a"), ("", "")):
        headers = signed(kind, body, secret) if secret else {}
        with pytest.raises(Unauthenticated) as refused:
            await receiving.receive(shop.store, forge_id or hooked.forge_id, headers=headers, body=body, key=KEY)
        said.add((refused.value.code, refused.value.say))
    if kind is not Kind.GITLAB:  # whose proof does not cover the body
        with pytest.raises(Unauthenticated):
            await receiving.receive(shop.store, hooked.forge_id, headers=signed(kind, body, hooked.secret), body=body + b" ", key=KEY)
    assert len(said) == 1 and await hooked.proposal() == before


async def test_a_rotated_secret_is_void_at_once(hooked: Hooked) -> None:
    shop, body = hooked.gitops.shop, merged(hooked.kind, REPOSITORY, 1)
    _, fresh = await shop.store.write(shop.owner, lambda tx: forges.roll(tx, hooked.forge_id, key=KEY))
    with pytest.raises(Unauthenticated):
        await hooked.send(body)
    assert await hooked.send(body, secret=fresh)


async def test_a_connection_without_a_secret_accepts_nothing(shop: Shop) -> None:
    gitops = GitOps(shop)
    await gitops.open()
    (forge,) = await shop.store.read(shop.owner, forges.find)
    body = merged(gitops.kind, REPOSITORY, 1)
    for secret in ("", "None"):
        with pytest.raises(Unauthenticated):
            await receiving.receive(shop.store, forge.id, headers=signed(gitops.kind, body, secret), body=body, key=KEY)


async def test_a_pull_request_that_is_being_opened_or_has_ended_is_left_alone(hooked: Hooked) -> None:
    hooked.gitops.forge.merge(1)
    hooked.gitops.shop.clock.advance(POLL_EVERY.total_seconds())
    await hooked.gitops.work()
    merged_one = await hooked.proposal()
    assert merged_one.state is State.MERGED
    assert not await hooked.send(merged(hooked.kind, REPOSITORY, 1))
    assert (await hooked.proposal()).due_at == merged_one.due_at and timedelta() < WAKE_EVERY < POLL_EVERY
