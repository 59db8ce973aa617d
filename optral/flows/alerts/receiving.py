"""Takes alerts that a receiver is sent. Every request without its secret gets the same answer, in the same time.

The body is checked and read on a thread that reads; alerts are written in pieces, so that thousands of them delay no other writer.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial

from optral.alerts import model, payloads, service as alerts
from optral.alerts.model import Auth, Incoming, Kind, Receiver
from optral.flows.alerts import joining
from optral.flows.alerts.resolving import Resolver
from optral.kit import signature
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.errors import Invalid, NotFound, Refused, Unauthenticated
from optral.terms.ids import OrgId

_NOWHERE = "org_none"  # an organization without receivers
UNKNOWN = "the request does not carry the secret of this receiver"
Meter = Callable[[str, int], Awaitable[None]]
"""Counts so many alerts of a receiver. Raises `TooMany`."""


@dataclass(frozen=True, slots=True)
class Received:
    """What became of the alerts of a request."""

    accepted: int
    known: int
    rejected: int


@dataclass(frozen=True, slots=True)
class _Request:
    kind: Kind
    receiver_id: str
    headers: Mapping[str, str]
    body: bytes


async def receive(
    store: Store, kind: Kind, receiver_id: str, *, headers: Mapping[str, str], body: bytes, key: bytes, meter: Meter
) -> Received:
    """Store the alerts of a request and join them to issues; the same request again changes nothing.

    `key` opens sealed secrets. Raises `Unauthenticated("invalid_secret")`, `Refused("receiver_disabled")`, `TooMany`, and
    `Invalid("invalid_alerts")` for a body in which there is no alert.
    """
    request = _Request(kind, receiver_id, headers, body)
    checked = await store.read(actor.system(), partial(_checked, request=request, key=key))
    if checked is None:
        raise Unauthenticated("invalid_secret", say=UNKNOWN)
    org_id, receiver, read = checked
    if not receiver.is_enabled:
        raise Refused("receiver_disabled", say="the receiver is disabled; enable it first")
    await meter(receiver.id, max(1, len(read.alerts)))
    who, known = actor.system(org_id), 0
    for start in range(0, len(read.alerts), model.AT_ONCE):
        piece = read.alerts[start : start + model.AT_ONCE]
        known += await store.write(who, partial(record, receiver=receiver, incoming=piece))
    if read.problems:
        await store.write(who, lambda tx: alerts.reject(tx, receiver.id, read.problems))
    if read.problems and not read.alerts:
        say = f"{read.problems[0].reason}; see optral alerts receivers rejected {receiver.id}"
        raise Invalid("invalid_alerts", say=say, errors=[{"field": "", "code": read.problems[0].code, "message": read.problems[0].reason}])
    return Received(len(read.alerts), known, len(read.problems))


def record(tx: Transaction, receiver: Receiver, incoming: Sequence[Incoming]) -> int:
    """Store these alerts, resolve and join those that are new; returns how many were known."""
    new, known = alerts.update_known(tx, receiver, incoming)
    resolver, recorded = Resolver(tx), joining.records(tx)
    placed = [model.found(alert, resolver.find(alert.labels, receiver.cluster_rule)) for alert in new]
    alerts.add(tx, [joining.join(tx, alert, recorded) for alert in placed])
    return known


@cache
def _nobody() -> str:
    return signature.new_secret()


def _checked(tx: Transaction, request: _Request, key: bytes) -> tuple[OrgId, Receiver, payloads.Read] | None:
    """The receiver and what it was sent; None for a request without its secret. Does the same work for a receiver that does not exist."""
    org_id = OrgId(alerts.organisation_of(tx, request.receiver_id) or _NOWHERE)
    acting = tx.acting_for(org_id)
    try:
        receiver = alerts.get(acting, request.receiver_id)
        secrets = alerts.secrets_of(receiver, key=key)
    except NotFound:
        receiver, secrets = None, None
    keys = (_nobody(),) if secrets is None else secrets.valid(tx.now)
    auth = Auth.BEARER if receiver is None else receiver.auth
    is_sender = alerts.is_from(auth, request.headers, request.body, keys=keys, now=tx.now)
    if receiver is None or secrets is None or not is_sender or receiver.kind is not request.kind:
        return None
    return org_id, receiver, payloads.read(request.body, receiver, now=tx.now)
