"""Takes signed requests that fire a trigger. Every request that is not signed by it gets the same answer, in the same time."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from optral.flows.triggers import trigger_events
from optral.kit import signature
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.errors import Invalid, NotFound, Refused, Unauthenticated
from optral.terms.ids import OrgId
from optral.triggers import service as triggers
from optral.triggers.model import Firing, Trigger

UNSIGNED = "the request is not signed by this trigger's secret, or its time is more than five minutes off"


async def receive(store: Store, trigger_id: str, *, headers: Mapping[str, str], body: bytes, key: bytes) -> Firing:
    """Fire a trigger for a signed request; a repeated id returns the firing that it had. `key` opens sealed secrets.

    Raises `Unauthenticated("invalid_signature")`, `Refused("trigger_disabled")`, `Invalid`, `TooMany`.
    """
    org_id = await store.read(actor.system(), lambda tx: triggers.organisation_of(tx, trigger_id))
    if org_id is None:
        await store.read(actor.system(), lambda tx: signature.verified_id(headers, body, keys=(_nobody(),), now=tx.now))
        raise Unauthenticated("invalid_signature", say=UNSIGNED)
    return await store.write(actor.system(OrgId(org_id)), lambda tx: _fire(tx, trigger_id, headers, body, key))


@cache
def _nobody() -> str:
    return signature.new_secret()


def _fire(tx: Transaction, trigger_id: str, headers: Mapping[str, str], body: bytes, key: bytes) -> Firing:
    trigger, request_id = _verified(tx, trigger_id, headers, body, key)
    if not trigger.is_enabled:
        raise Refused("trigger_disabled", say="the trigger is disabled; enable it first")
    parameters = _parameters(body)
    if unwanted := [name for name in parameters if name not in trigger.accepts]:
        say = f"requests of this trigger may not set {unwanted[0][:64]}; they may set: {', '.join(trigger.accepts) or 'nothing'}"
        raise Invalid("invalid_parameters", say=say, errors=[{"field": "parameters", "code": "unknown_parameter", "message": say}])
    firing = triggers.fire(tx, trigger, key=request_id, parameters=dict(parameters))
    if firing.created_at == tx.now:
        trigger_events.emit(tx, trigger, firing=firing)
    return firing


def _verified(tx: Transaction, trigger_id: str, headers: Mapping[str, str], body: bytes, key: bytes) -> tuple[Trigger, str]:
    try:
        trigger = triggers.get(tx, trigger_id, lock=True)
        secrets = triggers.secrets_of(trigger, key=key)
    except NotFound:
        trigger, secrets = None, None
    keys = (_nobody(),) if secrets is None else secrets.valid(tx.now)
    request_id = signature.verified_id(headers, body, keys=keys, now=tx.now)
    if trigger is None or request_id is None or secrets is None:
        raise Unauthenticated("invalid_signature", say=UNSIGNED)
    return trigger, request_id


def _parameters(body: bytes) -> dict[str, Any]:
    """The parameters of a body: empty, or `{"parameters": {…}}`; other members are ignored, since senders add their own."""
    try:
        given = msgspec.json.decode(body) if body.strip() else {}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        given = None
    found = given.get("parameters", {}) if isinstance(given, dict) else None
    if not isinstance(found, dict):
        say = 'the body must be a JSON object, with the parameters of the runbook in "parameters"'
        raise Invalid("invalid_body", say=say, errors=[{"field": "parameters", "code": "invalid_body", "message": say}])
    return found
