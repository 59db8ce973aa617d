"""Takes signed requests that fire a trigger. Every request that is not signed by it gets the same answer, in the same time."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from optral.flows.triggers import rights, trigger_events
from optral.kit import signature
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.errors import Invalid, NotFound, Refused, Unauthenticated
from optral.terms.ids import OrgId
from optral.triggers import service as triggers
from optral.triggers.model import Firing, Trigger

_NOWHERE = "org_none"  # an organization without triggers
UNSIGNED = "the request is not signed by this trigger's secret, or its time is more than five minutes off"


async def receive(
    store: Store, trigger_id: str, *, headers: Mapping[str, str], body: bytes, key: bytes, decode: Callable[[bytes], Any]
) -> Firing:
    """Fire a trigger for a signed request; a repeated id returns the firing that it had.

    `key` opens sealed secrets; `decode` reads the JSON of a signed body. Raises `Unauthenticated("invalid_signature")`,
    `Refused`: trigger_disabled, secret_not_trusted; `Invalid`, `TooMany`, and what `decode` raises.
    """
    org_id = await store.read(actor.system(), lambda tx: _signer(tx, trigger_id, headers, body, key))
    if org_id is None:
        raise Unauthenticated("invalid_signature", say=UNSIGNED)

    def job(tx: Transaction) -> Firing:
        trigger, request_id = _verified(tx, trigger_id, headers, body, key, lock=True)
        if trigger is None or request_id is None:
            raise Unauthenticated("invalid_signature", say=UNSIGNED)
        return _fire(tx, trigger, request_id, decode(body) if body.strip() else {})

    return await store.write(actor.system(org_id), job)


def _signer(tx: Transaction, trigger_id: str, headers: Mapping[str, str], body: bytes, key: bytes) -> OrgId | None:
    """The organization whose trigger signed the request; None for any other. Unsigned requests never take the write lock."""
    org_id = OrgId(triggers.organisation_of(tx, trigger_id) or _NOWHERE)
    _, request_id = _verified(tx.acting_for(org_id), trigger_id, headers, body, key)
    return None if request_id is None else org_id


@cache
def _nobody() -> str:
    return signature.new_secret()


def _fire(tx: Transaction, trigger: Trigger, request_id: str, given: Any) -> Firing:
    if not trigger.is_enabled:
        raise Refused("trigger_disabled", say="the trigger is disabled; enable it first")
    rights.check_secret(tx, trigger)
    parameters = _parameters(given)
    if unwanted := [name for name in parameters if name not in trigger.accepts]:
        say = f"requests of this trigger may not set {unwanted[0][:64]}; they may set: {', '.join(trigger.accepts) or 'nothing'}"
        raise Invalid("invalid_parameters", say=say, errors=[{"field": "parameters", "code": "unknown_parameter", "message": say}])
    firing = triggers.fire(tx, trigger, key=request_id, parameters=dict(parameters))
    if firing.created_at == tx.now:
        trigger_events.emit(tx, trigger, firing=firing)
    return firing


def _verified(
    tx: Transaction, trigger_id: str, headers: Mapping[str, str], body: bytes, key: bytes, *, lock: bool = False
) -> tuple[Trigger | None, str | None]:
    """The trigger, and the id of a request that it signed; does the same work for a trigger that does not exist."""
    try:
        trigger = triggers.get(tx, trigger_id, lock=lock)
        secrets = triggers.secrets_of(trigger, key=key)
    except NotFound:
        trigger, secrets = None, None
    keys = (_nobody(),) if secrets is None else secrets.valid(tx.now)
    request_id = signature.verified_id(headers, body, keys=keys, now=tx.now)
    return trigger, None if secrets is None else request_id


def _parameters(given: Any) -> dict[str, Any]:
    """The parameters of a body: empty, or `{"parameters": {…}}`; other members are ignored, since senders add their own."""
    found = given.get("parameters", {}) if isinstance(given, dict) else None
    if not isinstance(found, dict):
        say = 'the body must be a JSON object, with the parameters of the runbook in "parameters"'
        raise Invalid("invalid_body", say=say, errors=[{"field": "parameters", "code": "invalid_body", "message": say}])
    return found
