"""Login of a command line (RFC 8628): two codes for a stranger, a page where a person approves the short one, an API key for the long one.

The answers are those of this API rather than the RFC's: 200 while the login waits and with the key, 403 once it was denied or has ended.
"""

from datetime import datetime
from typing import Annotated, Any

from fastapi import FastAPI
from pydantic import Field
from starlette.responses import Response

from optral.access.device import INTERVAL_S, MAX_KEY_DAYS, DeviceLogin
from optral.access.limiter import network_of
from optral.access.model import key_scopes
from optral.api.http.query import LINE_PATTERN
from optral.api.http.routing import ANY_KEY, PUBLIC, SESSION, Call, Input, Routes, Shape, json_answer, json_response, present
from optral.api.people import keys
from optral.flows.people import device as flow
from optral.flows.people.device import PollResult

UserCode = Annotated[str, Field(min_length=1, max_length=40, description="The code that the program shows", examples=["WDJB-MJHT"])]
_NO_STORE = {"Cache-Control": "no-store"}


class NewDeviceLogin(Input):
    name: str = Field(min_length=1, max_length=100, pattern=LINE_PATTERN, description="Name of the API key", examples=["optral on laptop"])


class DeviceCodes(Shape):
    device_code: str = Field(description="Secret of the program; it fetches the API key")
    user_code: str = Field(description="Code that a signed-in person enters on the page", examples=["WDJB-MJHT"])
    verification_uri: str | None = Field(
        None, description="Address of the page; absent if the server has no public URL: then `/device` of the URL that the program uses"
    )
    expires_at: datetime
    interval_seconds: int = Field(description="Shortest time between two requests for the key")


class DeviceCode(Input):
    device_code: str = Field(min_length=1, max_length=100)


class DeviceToken(Shape):
    """`intervalSeconds` alone while the login waits, or the key."""

    interval_seconds: int | None = Field(None, description="Seconds to wait before the next request; present while the login waits")
    key: str | None = Field(None, description="The API key; shown only in this response", examples=["mht_…"])
    api_key: keys.KeyShape | None = None
    email: str | None = Field(None, description="The member that the key acts for")
    organisation: str | None = None


class UserCodeInput(Input):
    user_code: UserCode


class DeviceDecision(Input):
    user_code: UserCode
    scopes: list[keys.Scope] | None = Field(
        None, min_length=1, max_length=50, description="Defaults to all scopes that your role allows for a key"
    )
    expires_in_days: int = Field(30, ge=1, le=MAX_KEY_DAYS)


class DeviceLoginShape(Shape):
    name: str = Field(description="What the program calls itself; anyone can choose it")
    address: str = Field(description="Network address that the login was started from")
    is_same_address: bool = Field(description="Whether the request for this page comes from the same address")
    created_at: datetime
    expires_at: datetime


def _shape(call: Call, login: DeviceLogin) -> dict[str, Any]:
    return {
        "name": login.name,
        "address": login.address,
        "isSameAddress": network_of(login.address) == network_of(call.actor.address),
        "createdAt": login.created_at,
        "expiresAt": login.expires_at,
    }


async def create_device_code(call: Call, body: NewDeviceLogin) -> Response:
    """Start a login from a command line

    Returns a device code for the program and a user code that a signed-in person enters on the page `/device` of the dashboard. Both are
    valid for 10 minutes.
    """
    started = await call.services.logins.start(call.caller, name=body.name)
    base = call.services.addresses.public_url
    codes = present(
        deviceCode=started.device_code,
        userCode=started.user_code,
        verificationUri=f"{base.rstrip('/')}/device" if base else None,
        expiresAt=started.expires_at,
        intervalSeconds=INTERVAL_S,
    )
    return json_response(codes, status=201, headers=_NO_STORE)


async def create_device_token(call: Call, body: DeviceCode) -> Response:
    """Fetch the API key of an approved login

    While nobody has approved the login, the response has only `intervalSeconds`: try again after that time. The key is returned once. All
    codes that are unknown, expired or already used get the same response.
    """
    polled = await call.services.logins.poll(call.caller, device_code=body.device_code)
    return json_response(_token(polled), headers=_NO_STORE)


def _token(polled: PollResult) -> dict[str, Any]:
    if polled.key is None:
        return {"intervalSeconds": polled.wait_s}
    return {"key": polled.secret, "apiKey": keys.shape(polled.key), "email": polled.email, "organisation": polled.organisation}


async def check_user_code(call: Call, body: UserCodeInput) -> Response:
    """Show the login that a user code would approve

    A person can enter 30 codes in 15 minutes.
    """
    return json_response(_shape(call, await call.services.logins.pending(call.actor, user_code=body.user_code)))


async def approve_user_code(call: Call, body: DeviceDecision) -> Response:
    """Approve a login from a command line

    The program gets an API key of the signed-in person with at most their rights. Requires a password entered within the last 15 minutes.
    """
    scopes = call.actor.scopes & key_scopes(is_limited=False) if body.scopes is None else frozenset(body.scopes)
    login = await call.services.logins.approve(call.actor, user_code=body.user_code, scopes=scopes, days=body.expires_in_days)
    return json_response(_shape(call, login))


async def deny_user_code(call: Call, body: UserCodeInput) -> Response:
    """Deny a login from a command line"""
    return json_response(_shape(call, await call.services.logins.deny(call.actor, user_code=body.user_code)))


async def revoke_own_key(call: Call) -> Response:
    """Revoke the API key of this request

    Needs no scope: every key can end itself. Requests with the key fail within one second; its open streams end within five.
    """
    return await call.change(flow.revoke_own, lambda revoked: json_answer(keys.shape(revoked)))


def add(app: FastAPI) -> None:
    routes = Routes(app, "device")
    routes.add("POST", "/v1/device/code", create_device_code, scope=PUBLIC, gives=DeviceCodes, status=201)
    routes.add("POST", "/v1/device/token", create_device_token, scope=PUBLIC, gives=DeviceToken)
    routes.add("POST", "/v1/device/check", check_user_code, scope=SESSION, gives=DeviceLoginShape, errors=(404,))
    routes.add("POST", "/v1/device/approve", approve_user_code, scope=SESSION, gives=DeviceLoginShape, errors=(404,))
    routes.add("POST", "/v1/device/deny", deny_user_code, scope=SESSION, gives=DeviceLoginShape, errors=(404,))
    routes.add("DELETE", "/v1/me/key", revoke_own_key, scope=ANY_KEY, gives=keys.KeyShape, errors=(404,))
