"""Members and invitations over HTTP. An invitation is a link, shown once to whoever makes it, and sent by e-mail where that is set up."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Query
from pydantic import Field
from starlette.responses import Response

from optral.access import bindings_service, people_service as people
from optral.access.model import Member
from optral.access.people import Invite
from optral.access.service import count_members
from optral.api.http.cookies import host_of
from optral.api.http.lists import PageQuery, list_of, list_response, page_query, page_request, whole
from optral.api.http.routing import Call, Input, Routes, Shape, check_id, json_answer, json_response
from optral.api.http.shapes import renderer, renderer_in
from optral.api.people import bindings as bindings_api
from optral.api.people.bindings import BindingShape
from optral.api.people.session import EMAIL_PATTERN
from optral.flows.people import bindings as bindings_flow, leaving, members as flow
from optral.flows.people.leaving import Leaving, Named
from optral.kit.paging import PageCursor
from optral.store.transaction import Transaction
from optral.terms.actor import Role

Sort = Literal["createdAt", "-createdAt", "email", "-email"]
RoleName = Literal["owner", "admin", "operator", "viewer"]
_ATTRIBUTES = {"createdAt": "created_at", "email": "email"}


class MemberShape(Shape):
    id: str = Field(examples=["usr_01jd3q4m6ve5jt8cmykq3rzm0a"])
    email: str
    role: str = Field(examples=["operator"])
    limited: bool = Field(description="The member has only what its bindings give; `role` applies again when the limit is lifted")
    bindings: list[BindingShape] = Field(description="Empty for a member who is not limited; ended ones are listed for 30 days")
    created_at: datetime
    signed_in_at: datetime | None = Field(None, description="Time of the last sign-in; absent if the member never signed in")


class NamedShape(Shape):
    id: str
    name: str


class RemovalShape(Shape):
    """What ends with the membership, and what goes on although the member was shown or entered a secret of it"""

    sessions: int = Field(description="Sign-in sessions that end")
    api_keys: int = Field(description="API keys that are revoked")
    invites: int = Field(description="Pending invitations that are withdrawn")
    delegations: int = Field(description="Delegations to and from the member that end")
    fleet_tokens: list[NamedShape] = Field(description="Fleet tokens that are revoked; the clusters they enrolled stay connected")
    enrollment_tokens: list[NamedShape] = Field(description="Clusters whose unused enrollment token is revoked")
    triggers: list[NamedShape] = Field(
        description="Triggers that are blocked: those whose secret the member knows until it is rolled, "
        "the others until somebody who may run runbooks saves them"
    )
    webhooks: list[NamedShape] = Field(
        description="Webhooks that the member created. They go on; roll their secrets if the member must not be able to sign as Optral"
    )
    forges: list[NamedShape] = Field(
        description="Connections to forges that the member created. They go on; replace their tokens if they are the member's own"
    )
    executions: list[NamedShape] = Field(description="Executions that the member requested and that wait for approval; they are canceled")


class MemberRemoval(Shape):
    """What a removal would end now"""

    member_id: str
    email: str
    ends: RemovalShape


class RemovedMember(MemberShape):
    ended: RemovalShape


MemberList = list_of("MemberList", "members", MemberShape)


_PASSWORD = Field(None, min_length=1, max_length=1024, description="Your own password; required to grant the role admin or owner")


class MemberChange(Input):
    """Omitted members do not change"""

    role: RoleName | None = Field(None, description="Of a limited member: the role that applies when the limit is lifted")
    limited: bool | None = Field(
        None,
        description="`true` leaves the member only what its bindings give; `false` removes them, and the role applies everywhere again",
    )
    password: str | None = _PASSWORD


class InviteShape(Shape):
    id: str
    role: str
    email: str | None = Field(None, description="Absent if the invited person chooses the address")
    created_by: str
    created_at: datetime
    expires_at: datetime


InviteList = list_of("InviteList", "invites", InviteShape, paged=False)


class NewInvite(Input):
    role: RoleName
    email: str | None = Field(
        None, min_length=3, max_length=254, pattern=EMAIL_PATTERN, description="Only this address can accept; absent for any address"
    )
    password: str | None = _PASSWORD


class CreatedInvite(InviteShape):
    token: str = Field(description="One-time token; shown only in this response")
    url: str = Field(description="The link to send; shown only in this response")
    emailed: bool = Field(description="Whether the link is sent to `email`; if not, pass it on")


shape = renderer_in(MemberShape, Member, list, limited="is_limited", bindings=lambda _, bindings: bindings)
_invite = renderer(InviteShape, Invite)


def _shapes(tx: Transaction, found: Sequence[Member]) -> list[dict[str, Any]]:
    """The members with their bindings, which only limited ones have."""
    known = bindings_service.of_members(tx, [one.id for one in found if one.is_limited])
    return [shape(one, bindings_api.shapes(tx, known.get(one.id, []))) for one in found]


async def list_members(
    call: Call, wanted: Annotated[PageQuery, Depends(page_query)], sort: Annotated[Sort, Query()] = "createdAt"
) -> Response:
    """List members"""
    attribute = _ATTRIBUTES[sort.lstrip("-")]
    page = page_request(call, wanted, sort)

    def read(tx: Transaction) -> tuple[list[Member], int, dict[str, dict[str, Any]]]:
        found = people.find_members(tx, page)
        return found, count_members(tx), {one["id"]: one for one in _shapes(tx, found)}

    found, total, shown = await call.read(read)
    return list_response(
        call,
        wanted,
        sort,
        found,
        total,
        plural="members",
        place=lambda one: PageCursor(getattr(one, attribute), one.id),
        shape=lambda one: shown[one.id],
    )


async def update_member(call: Call, member_id: str, body: MemberChange) -> Response:
    """Change a member's role, or whether it is limited to its bindings

    Takes effect with the next request, also for the member's API keys. You cannot grant more rights than your own, and only owners can
    grant the role owner. Giving the role admin or owner, in the whole organization or by lifting a limit, requires your password.
    """
    check_id(member_id, "usr")
    role = await _granted(call, member_id, body)
    proof = None if role is None else await call.services.sessions.prove(call.actor, role, password=body.password)

    def job(tx: Transaction) -> dict[str, Any]:
        if body.role is not None:
            flow.set_role(tx, member_id, Role(body.role), proof=proof)
        if body.limited is not None:
            bindings_flow.set_limited(tx, member_id, is_limited=body.limited, proof=proof)
        return _shapes(tx, [people.member(tx, member_id)])[0]

    return await call.change(job, json_answer)


async def _granted(call: Call, member_id: str, body: MemberChange) -> Role | None:
    """The role that a change gives in the whole organization: the new one, or the present one if its limit is lifted."""
    if body.role is not None:
        return Role(body.role)
    return (await call.read(lambda tx: people.member(tx, member_id))).role if body.limited is False else None


async def preview_removal(call: Call, member_id: str) -> Response:
    """Show what removing a member would end

    Changes nothing.
    """
    check_id(member_id, "usr")
    member, found = await call.read(lambda tx: leaving.preview(tx, member_id))
    return json_response({"memberId": member.id, "email": member.email, "ends": _removal(found)})


async def remove_member(call: Call, member_id: str) -> Response:
    """Remove a member

    Ends the member's sessions, API keys, fleet tokens and unused enrollment tokens immediately, and blocks the triggers whose secret the
    member knows until somebody rolls it. Cancels executions that the member requested and that wait for approval. `ended` says what ended.
    """
    check_id(member_id, "usr")
    return await call.change(
        lambda tx: flow.remove(tx, member_id), lambda gone: json_answer({**shape(gone[0], []), "ended": _removal(gone[1])})
    )


def _removal(found: Leaving) -> dict[str, Any]:
    def named(several: Sequence[Named]) -> list[dict[str, str]]:
        return [{"id": one.id, "name": one.name} for one in several]

    return {
        "sessions": found.sessions,
        "apiKeys": found.keys,
        "invites": found.invites,
        "delegations": found.delegations,
        "fleetTokens": named(found.fleet_tokens),
        "enrollmentTokens": named(found.enrollment_tokens),
        "triggers": named(found.triggers),
        "webhooks": named(found.webhooks),
        "forges": named(found.forges),
        "executions": named(found.executions),
    }


async def list_invites(call: Call) -> Response:
    """List pending invitations"""
    return json_response(whole("invites", [_invite(one) for one in await call.read(people.open_invites)]))


async def create_invite(call: Call, body: NewInvite) -> Response:
    """Create an invitation

    The response contains the link, which is not shown again. If the server sends e-mail, it is sent to `email` as well. It can be used
    once within seven days, as long as you still have the right to create it. The roles admin and owner require your password.
    """
    role = Role(body.role)
    proof = await call.services.sessions.prove(call.actor, role, password=body.password)
    base = call.services.addresses.public_url or f"{call.scope['scheme']}://{host_of(call.scope)}"

    outbox = call.services.outbox

    def render(made: tuple[Invite, str]) -> Any:
        invite, token = made
        shown = {
            **_invite(invite),
            "token": token,
            "url": f"{base}/invite#{token}",
            "emailed": outbox is not None and invite.email is not None,
        }
        return json_answer(shown, status=201, headers={"Cache-Control": "no-store"})

    return await call.change(
        lambda tx: flow.invite(tx, pepper=call.services.pepper, role=role, email=body.email, proof=proof, outbox=outbox), render
    )


async def withdraw_invite(call: Call, invite_id: str) -> Response:
    """Withdraw an invitation"""
    check_id(invite_id, "inv")
    return await call.change(lambda tx: flow.withdraw(tx, invite_id), lambda gone: json_answer(_invite(gone)))


def add(app: FastAPI) -> None:
    routes = Routes(app, "members")
    one = "/v1/members/{member_id}"
    routes.add("GET", "/v1/members", list_members, scope="members:read", gives=MemberList)
    routes.add("PATCH", one, update_member, scope="members:write", gives=MemberShape, errors=(404, 409))
    routes.add("DELETE", one, remove_member, scope="members:write", gives=RemovedMember, errors=(404, 409))
    routes.add("GET", one + "/removal", preview_removal, scope="members:write", gives=MemberRemoval, errors=(404,))
    routes.add("GET", "/v1/invites", list_invites, scope="members:write", gives=InviteList)
    routes.add("POST", "/v1/invites", create_invite, scope="members:write", gives=CreatedInvite, status=201, errors=(409,))
    routes.add("DELETE", "/v1/invites/{invite_id}", withdraw_invite, scope="members:write", gives=InviteShape, errors=(404,))
