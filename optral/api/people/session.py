"""People come in: sign-in and sign-out, the first-run link, an invitation accepted.

What strangers ask here is listed in `gate.PUBLIC`. A session is a cookie that no script can read; see `cookies.py`.
"""

from datetime import datetime
from typing import Any

from fastapi import FastAPI
from pydantic import Field
from starlette.responses import Response

from optral.access.model import ROLE_SCOPES
from optral.access.people import MAX_PASSWORD, MIN_PASSWORD
from optral.api.http import cookies
from optral.api.http.problems import Problem
from optral.api.http.routing import PUBLIC, SESSION, Call, Input, Routes, Shape, json_response, present
from optral.flows.people import sign_in as flow
from optral.flows.people.sign_in import Offer, SignedIn

EMAIL_PATTERN = r"^[^@\s\x00-\x1f\x7f-\x9f]{1,64}@[^@\s\x00-\x1f\x7f-\x9f]{1,189}$"
EMAIL = Field(min_length=3, max_length=254, pattern=EMAIL_PATTERN, examples=["ops@example.com"])
PASSWORD = Field(min_length=MIN_PASSWORD, max_length=MAX_PASSWORD, description="At least 12 characters; common passwords are rejected")
TOKEN = Field(min_length=1, max_length=100, description="The part of the link after `#`")


class SessionMember(Shape):
    id: str
    email: str
    role: str = Field(examples=["owner"])


class SessionOrganisation(Shape):
    id: str
    name: str
    plan: str


class SessionShape(Shape):
    member: SessionMember
    organisation: SessionOrganisation
    scopes: list[str] = Field(description="Scopes of the member's role")
    created_at: datetime
    expires_at: datetime = Field(description="When the session expires: after 12 hours without a request, at most 7 days after sign-in")
    reauthenticated_at: datetime = Field(
        description="When the password was last entered, or the person last signed in at the identity provider; creating keys and approving"
        " require at most 15 minutes"
    )
    provider_id: str | None = Field(None, description="Identity provider of the sign-in; absent for a password")


class SignedOutShape(Shape):
    provider_name: str | None = Field(None, description="Identity provider whose session is to end, too; absent if it is not to")
    provider_logout_url: str | None = Field(
        None,
        description="Where the browser ends the session at the provider; it returns to `/signed-out` of OPTRAL_PUBLIC_URL with the same"
        " `state`. Absent if the provider does not answer, or has no `end_session_endpoint`",
    )


class SignIn(Input):
    email: str = Field(min_length=1, max_length=254)
    password: str = Field(min_length=1, max_length=1024)
    organisation: str | None = Field(
        None, max_length=100, description="For members of several organizations; defaults to the oldest membership"
    )


class Confirm(Input):
    password: str = Field(min_length=1, max_length=1024)


class SetUp(Input):
    token: str = TOKEN
    organisation: str | None = Field(
        None, max_length=100, description="Name of the organization; required if none exists, otherwise ignored"
    )
    email: str = EMAIL
    password: str = PASSWORD


class Accept(Input):
    token: str = TOKEN
    email: str = EMAIL
    password: str = PASSWORD


class NewReset(Input):
    email: str = EMAIL


class CompletedReset(Input):
    token: str = TOKEN
    password: str = PASSWORD


class Link(Input):
    token: str = TOKEN


class OfferShape(Shape):
    organisation: str | None = Field(None, description="Absent if the link creates the first organization and asks for its name")
    email: str | None = Field(None, description="The email address that the link is for; absent if you can choose one")
    role: str


def shape(signed_in: SignedIn) -> dict[str, Any]:
    session, member, organisation = signed_in.session, signed_in.member, signed_in.organisation
    shown = {
        "member": {"id": member.id, "email": member.email, "role": member.role},
        "organisation": {"id": organisation.id, "name": organisation.name, "plan": organisation.plan},
        "scopes": sorted(ROLE_SCOPES[member.role]),
        "createdAt": session.created_at,
        "expiresAt": session.ends_at,
        "reauthenticatedAt": session.confirmed_at,
    }
    return shown if session.provider_id is None else {**shown, "providerId": session.provider_id}


async def sign_in(call: Call, body: SignIn) -> Response:
    """Sign in

    Sets the session cookie. All failures get the same response. Limited to five attempts per address and account in 15 minutes.
    """
    name = cookie_name(call)
    done = await call.services.sessions.sign_in(call.caller, email=body.email, password=body.password, organisation=body.organisation or "")
    return welcome(name, done)


async def get_session(call: Call) -> Response:
    """Get the current sign-in session"""
    return json_response(shape(await call.read(flow.look)))


async def sign_out(call: Call) -> Response:
    """Sign out

    The cookie becomes invalid on every server; open streams end within five seconds. If the identity provider of the session has
    `endsProviderSession`, the response says where the browser ends the session there.
    """
    name = cookie_name(call)
    hint = cookies.read(call.scope, cookies.HINT[name])
    done = await call.services.provider_sessions.sign_out(call.actor, hint=hint, public_url=call.services.addresses.public_url)
    shown = {} if done is None else present(providerName=done.provider.name, providerLogoutUrl=done.url)
    response = json_response(shown, headers={"Set-Cookie": cookies.clear(name), "Cache-Control": "no-store"})
    if hint is not None:
        response.headers.append("Set-Cookie", cookies.set_hint(name, ""))
    return response


async def confirm_session(call: Call, body: Confirm) -> Response:
    """Confirm your password"""
    return json_response(shape(await call.services.sessions.confirm(call.actor, password=body.password)))


async def check_setup(call: Call, body: Link) -> Response:
    """Check a first-run link"""
    return json_response(_offer(await call.services.sessions.offered_by_setup(token=body.token)))


async def set_up(call: Call, body: SetUp) -> Response:
    """Complete the first-run setup

    Creates the first organization, or sets the email address and password of the existing owner, and signs in. The link can be used
    once.
    """
    name = cookie_name(call)
    done = await call.services.sessions.set_up(
        call.caller, token=body.token, organisation=body.organisation, email=body.email, password=body.password
    )
    return welcome(name, done)


async def check_invite(call: Call, body: Link) -> Response:
    """Check an invitation link"""
    return json_response(_offer(await call.services.sessions.offered_by_invite(token=body.token)))


async def accept_invite(call: Call, body: Accept) -> Response:
    """Accept an invitation

    Creates the member and signs them in. The link can be used once.
    """
    name = cookie_name(call)
    done = await call.services.sessions.accept(call.caller, token=body.token, email=body.email, password=body.password)
    return welcome(name, done)


async def request_reset(call: Call, body: NewReset) -> Response:
    """Request a password reset

    Sends a link to the address if a member can sign in with it and a password. The response is the same for every address. Limited to
    five requests per client address and account in 15 minutes.
    """
    await call.services.password_resets.request(call.caller, email=body.email)
    return Response(status_code=204)


async def check_reset(call: Call, body: Link) -> Response:
    """Check the link of a password reset"""
    return json_response(_offer(await call.services.password_resets.offered(token=body.token)))


async def complete_reset(call: Call, body: CompletedReset) -> Response:
    """Set a new password

    Ends all sessions of the member and signs in. API keys stay valid. The link can be used once, within one hour.
    """
    name = cookie_name(call)
    return welcome(name, await call.services.password_resets.complete(call.caller, token=body.token, password=body.password))


def cookie_name(call: Call) -> str:
    name = cookies.name_for(call.scope, insecure_http=call.services.insecure_http)
    if name is None:
        raise Problem(403, "insecure_connection", say="sign-in requires HTTPS: use https://, or start the server with --insecure-http")
    return name


def welcome(name: str, signed_in: SignedIn) -> Response:
    headers = {"Set-Cookie": cookies.set_(name, signed_in.token), "Cache-Control": "no-store"}
    response = json_response(shape(signed_in), status=201, headers=headers)
    if signed_in.logout_hint:
        response.headers.append("Set-Cookie", cookies.set_hint(name, signed_in.logout_hint))
    return response


def _offer(offer: Offer) -> dict[str, Any]:
    return present(organisation=offer.organisation, email=offer.email, role=offer.role)


def add(app: FastAPI) -> None:
    routes = Routes(app, "session")
    routes.add("POST", "/v1/session", sign_in, scope=PUBLIC, gives=SessionShape, status=201)
    routes.add("GET", "/v1/session", get_session, scope=SESSION, gives=SessionShape, errors=(404,))
    routes.add("DELETE", "/v1/session", sign_out, scope=SESSION, gives=SignedOutShape)
    routes.add("POST", "/v1/session/confirm", confirm_session, scope=SESSION, gives=SessionShape)
    routes.add("POST", "/v1/setup/check", check_setup, scope=PUBLIC, gives=OfferShape)
    routes.add("POST", "/v1/setup", set_up, scope=PUBLIC, gives=SessionShape, status=201, errors=(409,))
    routes.add("POST", "/v1/password-resets", request_reset, scope=PUBLIC, status=204, errors=(409,))
    routes.add("POST", "/v1/password-resets/check", check_reset, scope=PUBLIC, gives=OfferShape)
    routes.add("POST", "/v1/password-resets/complete", complete_reset, scope=PUBLIC, gives=SessionShape, status=201)
    routes.add("POST", "/v1/invites/check", check_invite, scope=PUBLIC, gives=OfferShape)
    routes.add("POST", "/v1/invites/accept", accept_invite, scope=PUBLIC, gives=SessionShape, status=201, errors=(409,))
