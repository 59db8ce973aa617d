"""Members and invitations over HTTP. Nobody is mailed: an invitation is a link, shown once to whoever makes it."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Query
from pydantic import Field
from starlette.responses import Response

from optral.access import people_service as people
from optral.access.model import Member
from optral.access.people import Invite
from optral.access.service import count_members
from optral.api.http.cookies import host_of
from optral.api.http.lists import PageQuery, envelope, page_query, page_request, whole
from optral.api.http.routing import Call, Input, Routes, Shape, check_id, json_answer, json_response, present
from optral.api.session import EMAIL_PATTERN
from optral.flows.people import members as flow
from optral.kit.paging import Place
from optral.terms.actor import Role

Sort = Literal["createdAt", "-createdAt", "email", "-email"]
RoleName = Literal["owner", "admin", "operator", "viewer"]
_ATTRIBUTES = {"createdAt": "created_at", "email": "email"}


class MemberShape(Shape):
    id: str = Field(examples=["usr_01jd3q4m6ve5jt8cmykq3rzm0a"])
    email: str
    role: str = Field(examples=["operator"])
    created_at: datetime
    signed_in_at: datetime | None = Field(None, description="Time of the last sign-in; absent if the member never signed in")


class MemberList(Shape):
    members: list[MemberShape]
    total: int
    page: int
    page_size: int
    next_cursor: str | None = None


_PASSWORD = Field(None, min_length=1, max_length=1024, description="Your own password; required to grant the role admin or owner")


class MemberChange(Input):
    role: RoleName
    password: str | None = _PASSWORD


class InviteShape(Shape):
    id: str
    role: str
    email: str | None = Field(None, description="Absent if the invited person chooses the address")
    created_by: str
    created_at: datetime
    expires_at: datetime


class InviteList(Shape):
    invites: list[InviteShape]
    total: int
    page: int
    page_size: int


class NewInvite(Input):
    role: RoleName
    email: str | None = Field(
        None, min_length=3, max_length=254, pattern=EMAIL_PATTERN, description="Only this address can accept; absent for any address"
    )
    password: str | None = _PASSWORD


class CreatedInvite(InviteShape):
    token: str = Field(description="One-time token; shown only in this response")
    url: str = Field(description="The link to send; shown only in this response")


def shape(member: Member) -> dict[str, Any]:
    return present(id=member.id, email=member.email, role=member.role, createdAt=member.created_at, signedInAt=member.signed_in_at)


def _invite(invite: Invite) -> dict[str, Any]:
    return present(
        id=invite.id,
        role=invite.role,
        email=invite.email,
        createdBy=invite.created_by,
        createdAt=invite.created_at,
        expiresAt=invite.expires_at,
    )


async def list_members(
    call: Call, wanted: Annotated[PageQuery, Depends(page_query)], sort: Annotated[Sort, Query()] = "createdAt"
) -> Response:
    """List members"""
    attribute = _ATTRIBUTES[sort.lstrip("-")]
    page = page_request(call, wanted, sort)
    found, total = await call.read(lambda tx: (people.find_members(tx, page), count_members(tx)))
    return json_response(
        envelope(
            call,
            wanted,
            plural="members",
            found=found,
            total=total,
            sort=sort,
            place=lambda one: Place(getattr(one, attribute), one.id),
            shape=shape,
        )
    )


async def update_member(call: Call, member_id: str, body: MemberChange) -> Response:
    """Change a member's role

    Takes effect with the next request, also for the member's API keys. You cannot grant more rights than your own, and only owners can
    grant the role owner. The roles admin and owner require your password.
    """
    check_id(member_id, "usr")
    role = Role(body.role)
    proof = await call.services.sessions.prove(call.actor, role, password=body.password)
    return await call.change(lambda tx: flow.set_role(tx, member_id, role, proof=proof), lambda after: json_answer(shape(after)))


async def remove_member(call: Call, member_id: str) -> Response:
    """Remove a member

    Ends the member's sessions and API keys immediately.
    """
    check_id(member_id, "usr")
    return await call.change(lambda tx: flow.remove(tx, member_id), lambda gone: json_answer(shape(gone)))


async def list_invites(call: Call) -> Response:
    """List pending invitations"""
    return json_response(whole("invites", [_invite(one) for one in await call.read(people.open_invites)]))


async def create_invite(call: Call, body: NewInvite) -> Response:
    """Create an invitation

    The response contains the link, which is not shown again. It can be used once within seven days, as long as you still have the right
    to create it. The roles admin and owner require your password.
    """
    role = Role(body.role)
    proof = await call.services.sessions.prove(call.actor, role, password=body.password)
    base = call.services.addresses.public_url or f"{call.scope['scheme']}://{host_of(call.scope)}"

    def render(made: tuple[Invite, str]) -> Any:
        invite, token = made
        shown = {**_invite(invite), "token": token, "url": f"{base}/invite#{token}"}
        return json_answer(shown, status=201, headers={"Cache-Control": "no-store"})

    return await call.change(lambda tx: flow.invite(tx, pepper=call.services.pepper, role=role, email=body.email, proof=proof), render)


async def withdraw_invite(call: Call, invite_id: str) -> Response:
    """Withdraw an invitation"""
    check_id(invite_id, "inv")
    return await call.change(lambda tx: flow.withdraw(tx, invite_id), lambda gone: json_answer(_invite(gone)))


def add(app: FastAPI) -> None:
    routes = Routes(app, "members")
    one = "/v1/members/{member_id}"
    routes.add("GET", "/v1/members", list_members, scope="members:read", gives=MemberList)
    routes.add("PATCH", one, update_member, scope="members:write", gives=MemberShape, errors=(404, 409))
    routes.add("DELETE", one, remove_member, scope="members:write", gives=MemberShape, errors=(404, 409))
    routes.add("GET", "/v1/invites", list_invites, scope="members:write", gives=InviteList)
    routes.add("POST", "/v1/invites", create_invite, scope="members:write", gives=CreatedInvite, status=201, errors=(409,))
    routes.add("DELETE", "/v1/invites/{invite_id}", withdraw_invite, scope="members:write", gives=InviteShape, errors=(404,))
