"""People come in through an identity provider: which there are, the way there, and the return with a code.

The browser keeps the secrets of its attempt sealed in a cookie of its own. The page that the provider sends it back to posts what it got;
that request comes from our own page, so both cookies are strict.
"""

from typing import Any
from urllib.parse import parse_qs

from fastapi import FastAPI
from pydantic import Field
from starlette.responses import Response

from optral.api.http import cookies
from optral.api.http.problems import Problem
from optral.api.http.query import LINE_PATTERN
from optral.api.http.routing import PUBLIC, SESSION, Call, Input, Routes, Shape, json_response
from optral.api.people import session
from optral.api.people.session import SessionShape
from optral.flows.people.provider_sign_in import Returned, Started
from optral.identity.model import Provider
from optral.terms.errors import Invalid


class OfferedFor(Input):
    organisation: str | None = Field(
        None, max_length=100, pattern=LINE_PATTERN, description="Name of the organization; required where the server has several"
    )


class OfferedProvider(Shape):
    id: str = Field(examples=["idp_01jd3q4m6ve5jt8cmykq3rzm0a"])
    name: str = Field(examples=["Example Corp"])


class OfferedProviders(Shape):
    providers: list[OfferedProvider]


class ProviderSignIn(Input):
    provider_id: str = Field(min_length=1, max_length=40)


class AuthorizationShape(Shape):
    authorization_url: str = Field(description="Where the browser signs in; it returns to `/sign-in/callback` of OPTRAL_PUBLIC_URL")


class ProviderCallback(Input):
    """The query parameters that the provider sent the browser back with."""

    state: str = Field(min_length=1, max_length=200)
    code: str = Field("", max_length=4096)
    error: str = Field("", max_length=200)
    iss: str | None = Field(None, max_length=500)


def _offered(provider: Provider) -> dict[str, Any]:
    return {"id": provider.id, "name": provider.name}


def _returned(body: ProviderCallback) -> Returned:
    return Returned(state=body.state, code=body.code, error=body.error, issuer=body.iss)


def _attempt(call: Call, name: str) -> str | None:
    return cookies.read(call.scope, cookies.ATTEMPT[name])


def _on_the_way(name: str, started: Started) -> Response:
    headers = {"Set-Cookie": cookies.set_attempt(name, started.cookie), "Cache-Control": "no-store"}
    return json_response({"authorizationUrl": started.url}, status=201, headers=headers)


def _back(name: str, response: Response) -> Response:
    response.headers.append("Set-Cookie", cookies.clear(cookies.ATTEMPT[name]))
    return response


async def list_sign_in_providers(call: Call, body: OfferedFor) -> Response:
    """List the identity providers that people can sign in with"""
    found = await call.services.provider_sessions.offered(body.organisation or "")
    return json_response({"providers": [_offered(one) for one in found]})


async def start_provider_sign_in(call: Call, body: ProviderSignIn) -> Response:
    """Begin to sign in with an identity provider

    Sets a cookie that only this browser has, valid for ten minutes. Then send the browser to `authorizationUrl`.
    """
    name = session.cookie_name(call)
    started = await call.services.provider_sessions.start(body.provider_id, public_url=call.services.addresses.public_url)
    return _on_the_way(name, started)


async def finish_provider_sign_in(call: Call, body: ProviderCallback) -> Response:
    """Sign in with what the identity provider returned

    Sets the session cookie. Every answer that was forged, replayed or refused gets the same response; the audit log has the reason.
    """
    name = session.cookie_name(call)
    done = await call.services.provider_sessions.finish(
        call.caller, _returned(body), cookie=_attempt(call, name), public_url=call.services.addresses.public_url
    )
    return _back(name, session.welcome(name, done))


async def start_provider_confirmation(call: Call) -> Response:
    """Begin to confirm the session with its identity provider

    For people who signed in with a provider, in place of the password. The provider asks them to sign in again.
    """
    name = session.cookie_name(call)
    started = await call.services.provider_sessions.start_confirmation(call.actor, public_url=call.services.addresses.public_url)
    return _on_the_way(name, started)


async def finish_provider_confirmation(call: Call, body: ProviderCallback) -> Response:
    """Confirm the session with what the identity provider returned

    Requires that the same person signed in at the provider after the confirmation began (`auth_time`).
    """
    name = session.cookie_name(call)
    done = await call.services.provider_sessions.confirm(
        call.actor, _returned(body), cookie=_attempt(call, name), public_url=call.services.addresses.public_url
    )
    return _back(name, json_response(session.shape(done), headers={"Cache-Control": "no-store"}))


async def end_provider_sessions(call: Call, provider_id: str) -> Response:
    """Receive a back-channel logout of an identity provider

    Takes a form with `logout_token` (OpenID Connect Back-Channel Logout 1.0). The sessions that it names end at once, on every server.
    Every token that proves nothing gets the same 400.
    """
    try:
        form = parse_qs((await call.body()).decode("ascii", "replace"), max_num_fields=10)
    except ValueError:  # more fields
        form = {}
    try:
        await call.services.provider_sessions.end(provider_id, next(iter(form.get("logout_token", [])), ""))
    except Invalid as error:
        raise Problem(400, error.code, say=error.say) from None
    return Response(status_code=204, headers={"Cache-Control": "no-store"})


def add(app: FastAPI) -> None:
    routes = Routes(app, "session")
    routes.add("POST", "/v1/session/providers", list_sign_in_providers, scope=PUBLIC, gives=OfferedProviders)
    one, confirm = "/v1/session/provider", "/v1/session/confirm/provider"
    routes.add("POST", one, start_provider_sign_in, scope=PUBLIC, gives=AuthorizationShape, status=201, errors=(404, 409))
    routes.add("POST", one + "/callback", finish_provider_sign_in, scope=PUBLIC, gives=SessionShape, status=201, errors=(409,))
    hook = "/v1/hooks/identity-providers/{provider_id}"
    routes.add("POST", hook, end_provider_sessions, scope=PUBLIC, status=204, errors=(404,), is_pure=True)
    routes.add("POST", confirm, start_provider_confirmation, scope=SESSION, gives=AuthorizationShape, status=201, errors=(404, 409))
    routes.add("POST", confirm + "/callback", finish_provider_confirmation, scope=SESSION, gives=SessionShape, errors=(404, 409))
