"""Delegations of the right to approve over HTTP. `execution_control.py` has the approval on behalf of a member."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from fastapi import FastAPI
from pydantic import Field
from starlette.responses import Response

from optral.access import delegations_service, people_service
from optral.access.delegations import LONGEST, MAX_REASON, Delegation, DelegationSettings
from optral.api.http.lists import list_of, whole
from optral.api.http.routing import ANY_KEY, SESSION, Call, Input, Routes, Shape, check_id, json_answer, json_response
from optral.api.http.shapes import renderer_in
from optral.api.http.times import Moment
from optral.flows.executions.start import principal
from optral.flows.people import delegations as flow
from optral.kit.records import build
from optral.store.transaction import Transaction


class DelegatedMember(Shape):
    id: str = Field(examples=["usr_01jd3q4m6ve5jt8cmykq3rzm0a"])
    email: str


class DelegationShape(Shape):
    """`delegate` can approve on behalf of `delegator` until `endsAt`"""

    id: str = Field(examples=["dlg_01jd3q4m6ve5jt8cmykq3rzm0a"])
    delegator: DelegatedMember
    delegate: DelegatedMember
    reason: str
    created_at: datetime
    ends_at: datetime
    active: bool = Field(description="It has not ended")


DelegationList = list_of("DelegationList", "delegations", DelegationShape, paged=False)


class NewDelegation(Input):
    delegate: str = Field(min_length=1, max_length=254, description="Email address or id of the member", examples=["ops@example.com"])
    ends_at: Moment = Field(description=f"When the delegation ends by itself; at most {LONGEST.days} days from now")
    reason: str = Field("", max_length=MAX_REASON)


class _Context(NamedTuple):
    """What a delegation is shown with."""

    emails: dict[str, str]
    now: datetime

    def person(self, member_id: str) -> dict[str, str]:
        return {"id": member_id, "email": self.emails[member_id]}


_shape = renderer_in(
    DelegationShape,
    Delegation,
    _Context,
    delegator=lambda one, context: context.person(one.member_id),
    delegate=lambda one, context: context.person(one.delegate_id),
    active=lambda one, context: one.is_active(context.now),
)


def _shapes(tx: Transaction, found: Sequence[Delegation]) -> list[dict[str, Any]]:
    context = _Context(people_service.names(tx, {who for one in found for who in (one.member_id, one.delegate_id)}), tx.now)
    return [_shape(one, context) for one in found]


async def list_delegations(call: Call) -> Response:
    """List delegations of approvals, oldest first

    Those that you gave or received; owners and admins get all of the organization. Delegations that have ended are listed for 30 days.
    """

    def read(tx: Transaction) -> list[dict[str, Any]]:
        return _shapes(tx, delegations_service.visible(tx, principal(tx)))

    return json_response(whole("delegations", await call.read(read)))


async def create_delegation(call: Call, body: NewDelegation) -> Response:
    """Delegate your right to approve to another member

    Until `endsAt`, the member can approve on your behalf what you can approve at that moment, except for executions that one of you
    requested. What others have delegated to you is not included. Requires a password entered within the last 15 minutes.
    """

    given = build(DelegationSettings, body.model_dump(exclude={"delegate"}))

    def job(tx: Transaction) -> dict[str, Any]:
        return _shapes(tx, [flow.delegate(tx, body.delegate, given)])[0]

    return await call.change(job, lambda shown: json_answer(shown, status=201))


async def end_delegation(call: Call, delegation_id: str) -> Response:
    """End a delegation

    Your own, or as an owner that of any member. Approvals on behalf of the member no longer count for executions that have not
    started their first change.
    """
    check_id(delegation_id, "dlg")
    return await call.change(lambda tx: _shapes(tx, [flow.end(tx, delegation_id)])[0], json_answer)


def add(app: FastAPI) -> None:
    routes = Routes(app, "members")
    routes.add("GET", "/v1/delegations", list_delegations, scope=ANY_KEY, gives=DelegationList)
    routes.add("POST", "/v1/delegations", create_delegation, scope=SESSION, gives=DelegationShape, status=201, errors=(409,))
    routes.add("DELETE", "/v1/delegations/{delegation_id}", end_delegation, scope=SESSION, gives=DelegationShape, errors=(404,))
