"""Approving on behalf of a member who delegated it: who may, for what, and how it is counted. Each refusal is next to what is allowed."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from optral.access import bindings_service, delegations_service, people_service, service as access
from optral.access.bindings import BindingSettings
from optral.access.delegations import Delegation, DelegationSettings
from optral.access.tables import members
from optral.flows.executions import approvals, control
from optral.flows.people import delegations as flow
from optral.kit.records import changing
from optral.runbooks import service as runbooks
from optral.runbooks.model import Execution, ExecutionStatus
from optral.safeguards import service as safeguards
from optral.safeguards.model import ApprovalRule, Safeguards
from optral.terms import actor as actors
from optral.terms.actor import Actor, Role
from optral.terms.errors import Forbidden, Invalid, NotFound, OptralError, Refused
from tests.flows.executions.shop import Shop

HOUR = timedelta(hours=1)
VIEWER = frozenset({"runbooks:read"})


def signed_in(who: Actor, shop: Shop) -> Actor:
    return replace(who, session_id="ses_1", confirmed_at=shop.clock.now())


async def give(shop: Shop, giver: Actor, to: Actor, last: timedelta = HOUR, reason: str = "") -> Delegation:
    ends_at = shop.clock.now() + last
    settings = DelegationSettings(ends_at=ends_at, reason=reason)
    return await shop.store.write(signed_in(giver, shop), lambda tx: flow.delegate(tx, to.id, settings))


async def end(shop: Shop, who: Actor, one: Delegation) -> None:
    await shop.store.write(signed_in(who, shop), lambda tx: flow.end(tx, one.id))


async def approve(shop: Shop, one: Execution, by: Actor, of: Actor) -> Execution:
    return await shop.store.write(signed_in(by, shop), lambda tx: control.approve_on_behalf(tx, one.id, of.id))


async def refusal(shop: Shop, one: Execution, by: Actor, of: Actor) -> str:
    with pytest.raises(OptralError) as refused:
        await approve(shop, one, by, of)
    assert (await count(shop, one))[0] == 0 or refused.value.code == "already_approved"
    return refused.value.code


async def count(shop: Shop, one: Execution) -> tuple[int, int]:
    found = await shop.store.read(shop.system, lambda tx: approvals.state(tx, runbooks.get_execution(tx, one.id)))
    assert found is not None
    return found.panel.approvals, found.requested.needed


async def rule(shop: Shop, approvals: int = 2, **who: tuple[str, ...]) -> None:
    rules = [ApprovalRule("high", "", "", approvals, **who)]
    await shop.store.write(shop.system, lambda tx: safeguards.save(tx, changing(Safeguards, {"approval_rules": rules}), by=shop.owner.id))


async def set_role(shop: Shop, who: Actor, role: Role) -> None:
    change = sa.update(members).where(members.c.id == who.id, members.c.org_id == shop.org).values(role=role.value)
    await shop.store.write(shop.system, lambda tx: tx.execute(change).close())


async def limit(shop: Shop, who: Actor, *namespaces: str, ends_in: timedelta | None = None) -> None:
    wanted = BindingSettings(
        role=Role.OPERATOR if not namespaces else Role.VIEWER,
        clusters=frozenset({shop.cluster_id}),
        namespaces=frozenset(namespaces) or None,
        ends_at=None if ends_in is None else shop.clock.now() + ends_in,
    )
    await shop.store.write(shop.owner, lambda tx: bindings_service.bind(tx, who.id, wanted, proof=None))


async def pair(shop: Shop) -> tuple[Actor, Actor]:
    """(delegator, who may approve, and delegate, who may only look)."""
    giver, delegate = await shop.add_member(), await shop.add_member()
    await set_role(shop, delegate, Role.VIEWER)
    return giver, replace(delegate, scopes=VIEWER, role=Role.VIEWER)


async def pending(shop: Shop) -> Execution:
    return await shop.settle(await shop.raise_limit())


async def test_a_delegate_who_may_only_look_approves_and_both_names_are_kept(shop: Shop) -> None:
    giver, delegate = await pair(shop)
    await give(shop, giver, delegate, reason="on leave")
    one = await pending(shop)
    assert (await approve(shop, one, delegate, giver)).status is ExecutionStatus.QUEUED
    state = await shop.store.read(shop.system, lambda tx: approvals.state(tx, runbooks.get_execution(tx, one.id)))
    assert state is not None
    assert [(given.by, given.member_id) for given in state.decisions] == [(delegate.id, giver.id)]
    assert (await shop.run(one)).status is ExecutionStatus.SUCCEEDED
    assert f"Approved by {delegate.id} on behalf of {giver.id}" in await shop.log(one)
    records = await shop.store.read(shop.system, lambda tx: access.records_after(tx, 0))
    (approved,) = [record for record in records if record.action == "execution.approve"]
    assert f'"onBehalfOf":"{giver.id}"' in approved.detail
    (created,) = [record for record in records if record.action == "delegation.create"]
    assert (created.actor_id, created.target) == (giver.id, giver.id)
    assert '"reason":"on leave"' in created.detail


async def test_without_a_delegation_nobody_acts_for_another(shop: Shop) -> None:
    giver, delegate = await pair(shop)
    one = await pending(shop)
    assert await refusal(shop, one, delegate, giver) == "not_delegated"
    await give(shop, giver, delegate)
    stranger = await shop.add_member()
    assert await refusal(shop, one, stranger, giver) == "not_delegated"
    assert await refusal(shop, one, delegate, stranger) == "not_delegated"
    assert await refusal(shop, one, giver, delegate) == "not_delegated"
    assert await refusal(shop, one, giver, giver) == "not_delegated"


async def test_a_key_does_not_approve_on_behalf(shop: Shop) -> None:
    giver, delegate = await pair(shop)
    await give(shop, giver, delegate)
    one = await pending(shop)
    with pytest.raises(Forbidden) as refused:
        await shop.store.write(delegate, lambda tx: control.approve_on_behalf(tx, one.id, giver.id))
    assert refused.value.code == "session_required"


async def test_there_are_no_chains(shop: Shop) -> None:
    first, second, third = [await shop.add_member() for _ in range(3)]
    await give(shop, first, second)
    await give(shop, second, third)
    await rule(shop, 1, members=(first.id,))
    one = await pending(shop)
    assert await refusal(shop, one, third, first) == "not_delegated"
    assert await refusal(shop, one, third, second) == "not_an_approver"
    assert (await approve(shop, one, second, first)).status is ExecutionStatus.QUEUED


async def test_no_chain_through_a_delegator_who_may_not_approve(shop: Shop) -> None:
    first, middle = await pair(shop)
    third = await shop.add_member()
    await give(shop, first, middle)
    with pytest.raises(Forbidden) as refused:
        await give(shop, middle, third)
    assert refused.value.code == "nothing_to_delegate"


async def test_never_what_one_of_the_two_requested(shop: Shop) -> None:
    other = await shop.add_member()
    await give(shop, shop.owner, other)
    await give(shop, other, shop.owner)
    one = await pending(shop)
    assert one.requested_by == shop.owner.id
    assert await refusal(shop, one, other, shop.owner) == "own_request"
    assert await refusal(shop, one, shop.owner, other) == "own_request"
    assert (await shop.approve(one, by=other)).status is ExecutionStatus.QUEUED


async def test_the_group_is_the_delegators(shop: Shop) -> None:
    named, unnamed = await shop.add_member(), await shop.add_member()
    await rule(shop, 1, members=(named.id,))
    await give(shop, named, unnamed)
    await give(shop, unnamed, named)
    one = await pending(shop)
    assert await refusal(shop, one, named, unnamed) == "not_an_approver"
    assert (await approve(shop, one, unnamed, named)).status is ExecutionStatus.QUEUED


@pytest.mark.parametrize(
    "already", ["the delegator", "the delegate", "the delegate for another", "another for the delegator", "a stranger"]
)
async def test_each_of_the_two_counts_once(shop: Shop, already: str) -> None:
    giver, delegate, other = [await shop.add_member() for _ in range(3)]
    await rule(shop)
    for one, to in ((giver, delegate), (other, delegate), (giver, other)):
        await give(shop, one, to)
    asked = await pending(shop)
    match already:
        case "the delegator":
            await shop.approve(asked, by=giver)
        case "the delegate":
            await shop.approve(asked, by=delegate)
        case "the delegate for another":
            await approve(shop, asked, delegate, other)
        case "another for the delegator":
            await approve(shop, asked, other, giver)
        case _:
            await shop.approve(asked, by=await shop.add_member())
    if already == "a stranger":
        assert (await approve(shop, asked, delegate, giver)).status is ExecutionStatus.QUEUED
        return
    assert await refusal(shop, asked, delegate, giver) == "already_approved"
    assert await count(shop, asked) == (1, 2)


async def test_after_an_approval_on_behalf_neither_of_the_two_approves_as_themself(shop: Shop) -> None:
    giver, delegate = await shop.add_member(), await shop.add_member()
    await rule(shop)
    await give(shop, giver, delegate)
    one = await pending(shop)
    await approve(shop, one, delegate, giver)
    for who in (giver, delegate):
        with pytest.raises(Refused) as again:
            await shop.approve(one, by=who)
        assert again.value.code == "already_approved"


async def _time(shop: Shop, giver: Actor, delegate: Actor, made: Delegation) -> None:
    shop.clock.advance(3600)


async def _ended(shop: Shop, giver: Actor, delegate: Actor, made: Delegation) -> None:
    await end(shop, giver, made)


async def _ended_by_the_owner(shop: Shop, giver: Actor, delegate: Actor, made: Delegation) -> None:
    await end(shop, shop.owner, made)


async def _giver_removed(shop: Shop, giver: Actor, delegate: Actor, made: Delegation) -> None:
    await shop.store.write(shop.system, lambda tx: people_service.remove_member(tx, giver.id))


async def _giver_demoted(shop: Shop, giver: Actor, delegate: Actor, made: Delegation) -> None:
    await set_role(shop, giver, Role.OPERATOR)


async def _giver_limited(shop: Shop, giver: Actor, delegate: Actor, made: Delegation) -> None:
    await limit(shop, giver)


async def _delegate_removed(shop: Shop, giver: Actor, delegate: Actor, made: Delegation) -> None:
    await shop.store.write(shop.system, lambda tx: people_service.remove_member(tx, delegate.id))


async def _delegate_limited_to_another_place(shop: Shop, giver: Actor, delegate: Actor, made: Delegation) -> None:
    await limit(shop, delegate, "pay")


async def _delegate_limited_to_this_place(shop: Shop, giver: Actor, delegate: Actor, made: Delegation) -> None:
    await limit(shop, delegate, "shop")


async def _nothing(shop: Shop, giver: Actor, delegate: Actor, made: Delegation) -> None:
    shop.clock.advance(60)


ENDS = [
    pytest.param(_time, "not_delegated", id="ends by itself"),
    pytest.param(_ended, "not_delegated", id="ended by the delegator"),
    pytest.param(_ended_by_the_owner, "not_delegated", id="ended by an owner"),
    pytest.param(_giver_removed, "not_delegated", id="delegator removed"),
    pytest.param(_giver_demoted, "delegator_may_not_approve", id="delegator has another role"),
    pytest.param(_giver_limited, "delegator_may_not_approve", id="delegator limited"),
    pytest.param(_delegate_removed, "not_delegated", id="delegate removed"),
    pytest.param(_delegate_limited_to_another_place, "not_delegated", id="delegate limited to another place"),
    pytest.param(_delegate_limited_to_this_place, "", id="delegate limited to this place"),
    pytest.param(_nothing, "", id="still in force"),
]


@pytest.mark.parametrize(("happens", "code"), ENDS)
async def test_what_ends_a_delegation_before_the_approval(shop: Shop, happens: object, code: str) -> None:
    giver, delegate = await pair(shop)
    made = await give(shop, giver, delegate)
    await happens(shop, giver, delegate, made)  # type: ignore[operator]
    one = await pending(shop)
    if code:
        assert await refusal(shop, one, delegate, giver) == code
    else:
        assert (await approve(shop, one, delegate, giver)).status is ExecutionStatus.QUEUED


@pytest.mark.parametrize(("happens", "code"), ENDS)
async def test_what_ends_a_delegation_before_the_first_change(shop: Shop, happens: object, code: str) -> None:
    giver, delegate = await pair(shop)
    made = await give(shop, giver, delegate)
    shop.clock.advance(3500)  # so that the time of the delegation passes before the approval expires
    one = await pending(shop)
    await approve(shop, one, delegate, giver)
    if happens is _time:
        shop.clock.advance(100)
    else:
        await happens(shop, giver, delegate, made)  # type: ignore[operator]
    if code:
        assert (await shop.settle(one)).status is ExecutionStatus.PENDING_APPROVAL
        assert await count(shop, one) == (0, 1)
        assert shop.agent.applied == 0
    else:
        assert (await shop.run(one)).status is ExecutionStatus.SUCCEEDED


async def test_a_delegator_limited_to_a_namespace_delegates_no_other(shop: Shop) -> None:
    giver, delegate = await pair(shop)
    await give(shop, giver, delegate)
    await limit(shop, giver, "pay")
    assert await refusal(shop, await pending(shop), delegate, giver) == "delegator_may_not_approve"


@pytest.mark.parametrize(
    ("last", "is_possible"),
    [
        pytest.param(timedelta(days=30), True, id="30 days"),
        pytest.param(timedelta(days=30, seconds=1), False, id="longer"),
        pytest.param(timedelta(seconds=1), True, id="a second"),
        pytest.param(timedelta(), False, id="now"),
        pytest.param(-HOUR, False, id="the past"),
    ],
)
async def test_a_delegation_lasts_at_most_thirty_days(shop: Shop, last: timedelta, *, is_possible: bool) -> None:
    other = await shop.add_member()
    if is_possible:
        assert (await give(shop, shop.owner, other, last)).ends_at == shop.clock.now() + last
        return
    with pytest.raises(Invalid) as refused:
        await give(shop, shop.owner, other, last)
    assert refused.value.errors[0]["field"] == "endsAt"


async def test_nobody_delegates_to_themself_to_nobody_or_twice(shop: Shop) -> None:
    other, gone = await shop.add_member(), await shop.add_member()
    await shop.store.write(shop.system, lambda tx: people_service.remove_member(tx, gone.id))
    for to in (shop.owner, gone, shop.person("unknown")):
        with pytest.raises(Invalid):
            await give(shop, shop.owner, to)
    await give(shop, shop.owner, other)
    with pytest.raises(Refused) as again:
        await give(shop, shop.owner, other)
    assert again.value.code == "already_delegated"
    shop.clock.advance(3600)
    await give(shop, shop.owner, other)


async def test_only_the_delegator_and_owners_end_a_delegation(shop: Shop) -> None:
    giver, delegate = await pair(shop)
    made = await give(shop, giver, delegate)
    for who in (delegate, await shop.add_member()):
        with pytest.raises(NotFound):
            await end(shop, who, made)
    await end(shop, shop.owner, made)
    with pytest.raises(NotFound):
        await end(shop, giver, made)


async def test_members_see_their_own_and_those_who_may_approve_everywhere_see_all(shop: Shop) -> None:
    giver, delegate = await pair(shop)
    stranger = replace(await shop.add_member(), scopes=VIEWER, role=Role.VIEWER)
    made = await give(shop, giver, delegate)
    for who, expected in ((giver, [made]), (delegate, [made]), (stranger, []), (shop.owner, [made])):
        assert await shop.store.read(who, lambda tx, who=who: delegations_service.visible(tx, who.id)) == expected  # type: ignore[misc]


async def test_an_ended_delegation_is_listed_for_thirty_days(shop: Shop) -> None:
    made = await give(shop, shop.owner, await shop.add_member())
    for days, expected in ((30, [made]), (1, [])):
        shop.clock.advance(days * 86400)
        await shop.store.write(actors.system(), lambda tx: delegations_service.delete_ended(tx, limit=10))
        found = await shop.store.read(shop.owner, lambda tx: delegations_service.visible(tx, shop.owner.id))
        assert found == expected


@pytest.mark.parametrize("again", ["delegator", "delegate"])
async def test_a_delegation_that_comes_back_counts_nobody_twice(shop: Shop, again: str) -> None:
    """While it had ended, one of the two approved the same plan for themselves."""
    giver, delegate, third, fourth = [await shop.add_member() for _ in range(4)]
    await rule(shop, 3)
    given, one = await give(shop, giver, delegate), await pending(shop)
    await approve(shop, one, delegate, giver)
    await end(shop, giver, given)
    await shop.approve(one, by=giver if again == "delegator" else delegate)
    assert await count(shop, one) == (1, 3)
    await give(shop, giver, delegate)
    assert await count(shop, one) == (1, 3)
    await shop.approve(one, by=third)
    assert (await count(shop, one), (await shop.get(one)).status) == ((2, 3), ExecutionStatus.PENDING_APPROVAL)
    assert (await shop.approve(one, by=fourth)).status is ExecutionStatus.QUEUED


async def test_a_refusal_does_not_say_who_is_a_member(shop: Shop) -> None:
    giver, delegate = await pair(shop)
    one = await pending(shop)
    email = (await shop.store.read(shop.system, lambda tx: people_service.member(tx, giver.id))).email
    said = []
    for address in (email, "nobody@example.org"):
        with pytest.raises(Forbidden) as refused:
            await shop.store.write(signed_in(delegate, shop), lambda tx, to=address: control.approve_on_behalf(tx, one.id, to))  # type: ignore[misc]
        said.append(refused.value.say.replace(address, "X"))
    assert said[0] == said[1] == "X has not delegated approvals to you, or the delegation has ended"
