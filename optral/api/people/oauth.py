"""Assistants sign in as a person (OAuth 2.1 for public clients): metadata, registration, the approval of a person, and the token.

The metadata of the resource (RFC 9728) and of this authorization server (RFC 8414), registration (RFC 7591) and the token endpoint have the
JSON of their specifications. The page `/authorize` of the dashboard asks the person; nothing is approved by a link.
"""

from urllib.parse import parse_qsl, urlencode

import msgspec
from fastapi import FastAPI
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from optral.access import oauth
from optral.access.oauth import OauthClient
from optral.api.http import cookies
from optral.api.http.gate import ASSISTANTS, RESOURCE_METADATA
from optral.api.http.problems import CONTEXT
from optral.api.http.routing import SESSION, Call, Input, Routes, Shape, json_response, present
from optral.api.http.services import ApiServices
from optral.terms.errors import Forbidden, Invalid, OptralError

_NO_STORE = {"Cache-Control": "no-store"}
_MAX_STATE = 1000


class AssistantRequest(Input):
    """What the assistant put into the address of the page."""

    client_id: str = Field(min_length=1, max_length=4000)
    redirect_uri: str = Field(min_length=1, max_length=oauth.MAX_URI)
    code_challenge: str = Field(min_length=1, max_length=128)
    code_challenge_method: str = Field(min_length=1, max_length=10)
    state: str | None = Field(None, max_length=_MAX_STATE)
    resource: str | None = Field(None, max_length=500, description="The address of `/mcp`, if the assistant names it")


class AssistantShape(Shape):
    name: str = Field(description="What the assistant calls itself; anyone can choose it")
    redirect_uri: str = Field(description="Where the browser is sent after the decision")
    scopes: list[str] = Field(description="What it may do: those of the tools that your role has")
    expires_in_seconds: int


class AssistantGrant(Shape):
    redirect_to: str = Field(description="The address of the assistant, with the code")


def _checked(call: Call, body: AssistantRequest) -> OauthClient:
    client = oauth.client_of(body.client_id, pepper=call.services.pepper)
    oauth.check_redirect(client, body.redirect_uri)
    oauth.check_challenge(body.code_challenge, body.code_challenge_method)
    _check_resource(body.resource, cookies.base_url(call.scope, call.services.addresses.public_url))
    return client


def _check_resource(resource: str | None, base: str) -> None:
    if resource is not None and resource.rstrip("/") not in (base, base + ASSISTANTS):
        say = f"the assistant asks for access to {resource[:200]}; this server is {base}"
        raise Invalid("invalid_client_request", say=say, errors=[{"field": "resource", "code": "invalid_client_request", "message": say}])


async def check_assistant(call: Call, body: AssistantRequest) -> Response:
    """Show what an assistant that wants to sign in as you would get"""
    client = _checked(call, body)
    scopes = sorted(oauth.SCOPES & call.actor.scopes)
    life_s = int(oauth.TOKEN_LIFE.total_seconds())
    return json_response({"name": client.name, "redirectUri": body.redirect_uri, "scopes": scopes, "expiresInSeconds": life_s})


async def approve_assistant(call: Call, body: AssistantRequest) -> Response:
    """Let an assistant sign in as you

    It gets an access token for `/mcp` alone, which ends after 8 hours, and can only read and plan. Requires a password entered within the
    last 15 minutes.
    """
    client = _checked(call, body)
    bound = oauth.bound_to([body.client_id, body.redirect_uri, body.code_challenge])
    code = await call.services.grants.approve(call.actor, name=client.name, bound=bound)
    joint = "&" if "?" in body.redirect_uri else "?"
    answer = urlencode(present(code=code, state=body.state))
    return json_response({"redirectTo": f"{body.redirect_uri}{joint}{answer}"}, headers=_NO_STORE)


def add(app: FastAPI) -> None:
    routes = Routes(app, "device")
    routes.add("POST", "/v1/assistants/check", check_assistant, scope=SESSION, gives=AssistantShape, is_pure=True)
    routes.add("POST", "/v1/assistants/approve", approve_assistant, scope=SESSION, gives=AssistantGrant)


def add_endpoints(app: FastAPI, services: ApiServices) -> None:
    """What programs ask, in the shapes of the specifications."""

    def base_of(request: Request) -> str:
        return cookies.base_url(request.scope, services.addresses.public_url)

    async def resource(request: Request) -> Response:
        base = base_of(request)
        shown = {"resource": base + ASSISTANTS, "authorization_servers": [base], "bearer_methods_supported": ["header"]}
        return json_response(shown | {"scopes_supported": sorted(oauth.SCOPES)}, headers=_NO_STORE)

    async def server(request: Request) -> Response:
        base = base_of(request)
        shown = {
            "issuer": base,
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/oauth/token",
            "registration_endpoint": f"{base}/oauth/register",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "scopes_supported": sorted(oauth.SCOPES),
        }
        return json_response(shown, headers=_NO_STORE)

    async def register(request: Request) -> Response:
        try:
            given = msgspec.json.decode(await request.body(), type=_Registration)
            client = OauthClient(given.client_name, tuple(given.redirect_uris))
            client_id = oauth.client_id(client, pepper=services.pepper)
        except (msgspec.DecodeError, OptralError) as error:
            return _error("invalid_client_metadata", str(error))
        shown = {"client_id": client_id, "client_name": client.name, "redirect_uris": list(client.redirect_uris)}
        kind = {"grant_types": ["authorization_code"], "response_types": ["code"], "token_endpoint_auth_method": "none"}
        return json_response(shown | kind, status=201, headers=_NO_STORE)

    async def token(request: Request) -> Response:
        return await _token(request, services, base_of(request))

    for path in (RESOURCE_METADATA, RESOURCE_METADATA.removesuffix(ASSISTANTS)):
        app.router.add_route(path, resource, methods=["GET"], include_in_schema=False)
    app.router.add_route("/.well-known/oauth-authorization-server", server, methods=["GET"], include_in_schema=False)
    app.router.add_route("/oauth/register", register, methods=["POST"], include_in_schema=False)
    app.router.add_route("/oauth/token", token, methods=["POST"], include_in_schema=False)


async def _token(request: Request, services: ApiServices, base: str) -> Response:
    """The token for a code, in the words of RFC 6749."""
    try:
        pairs = parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        return _error("invalid_request", "the body is no form")
    form = dict(pairs)
    if len(form) != len(pairs):
        return _error("invalid_request", "a parameter is given twice")
    if form.get("grant_type") != "authorization_code":
        return _error("unsupported_grant_type", "grant_type must be authorization_code")
    try:
        _check_resource(form.get("resource"), base)
    except Invalid as error:
        return _error("invalid_target", error.say)
    parts = [form.get("client_id", ""), form.get("redirect_uri", ""), oauth.challenge_of(form.get("code_verifier", ""))]
    try:
        caller = request.scope[CONTEXT].caller
        key, secret = await services.grants.exchange(caller, code=form.get("code", ""), bound=oauth.bound_to(parts))
    except Forbidden:
        return _error("invalid_grant", "the code is unknown, expired or used, or belongs to another request; begin again")
    life_s = int((key.expires_at - key.created_at).total_seconds())
    granted = {"access_token": secret, "token_type": "Bearer", "expires_in": life_s, "scope": " ".join(sorted(key.scopes))}
    return json_response(granted, headers=_NO_STORE)


class _Registration(msgspec.Struct):
    """What of a registration matters (RFC 7591); the rest is ignored."""

    redirect_uris: list[str]
    client_name: str = "assistant"


def _error(code: str, say: str) -> Response:
    return json_response({"error": code, "error_description": say}, status=400, headers=_NO_STORE)
