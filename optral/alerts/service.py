"""The service of alerts. `flows/alerts` finds what they are about, joins them to issues, and writes audit records."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import msgspec

from optral.alerts import model, repository
from optral.alerts.model import Alert, AlertStatus, Auth, Incoming, Outcome, Receiver, ReceiverSettings, Rejected
from optral.alerts.payloads import Problem
from optral.alerts.repository import AlertFilter as AlertFilter, Occurrence as Occurrence
from optral.kit import records, sealed, signature
from optral.kit.hub import ANY, Topic
from optral.kit.paging import PageCursor, PageRequest
from optral.kit.records import Change
from optral.kit.signature import Secrets
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.errors import NotFound, Refused, Stale

WAITING: Topic[str] = Topic("alerts waiting")
"""Published with `ANY` when an alert waits for its issue."""
MOST_COMPARED = 2000  # alerts that an issue that opens is compared with
_CHANGED = "the receiver was changed in the meantime; read it again, then repeat the change"
_secrets = msgspec.json.Decoder(Secrets)  # here, not in the threads of the store: two that prepare a type at once end the process


def create(tx: Transaction, given: ReceiverSettings, *, key: bytes) -> tuple[Receiver, str]:
    """A new receiver and its secret, shown this once. `key` seals (32 bytes). Raises `Invalid`, `Refused("too_many_receivers")`."""
    model.check(given)
    if repository.count(tx) >= model.MAX_RECEIVERS:
        raise Refused("too_many_receivers", say=f"there are {model.MAX_RECEIVERS} receivers; delete one that is no longer used")
    receiver_id, secret = ids.new("alr"), signature.new_secret()
    made = records.extended(
        Receiver,
        given,
        id=receiver_id,
        secret=_seal(Secrets(secret), receiver_id, key),
        created_by=tx.actor.id,
        created_at=tx.now,
        updated_at=tx.now,
    )
    repository.insert(tx, made)
    return made, secret


def get(tx: Transaction, receiver_id: str, *, lock: bool = False) -> Receiver:
    """Raises `NotFound`."""
    if (found := repository.get(tx, receiver_id, lock=lock)) is None:
        raise NotFound("receiver_not_found", say=f"there is no alert receiver {receiver_id[:64]}")
    return found


def find_receivers(tx: Transaction, page: PageRequest) -> list[Receiver]:
    return repository.all_of(tx, page)


def count_receivers(tx: Transaction) -> int:
    return repository.count(tx)


def place_of_receiver(one: Receiver) -> PageCursor:
    return PageCursor(one.created_at, one.id)


def change(tx: Transaction, receiver_id: str, wanted: Change[Receiver], *, if_version: int | None = None) -> Receiver:
    """Raises `NotFound`, `Invalid`, `Stale`."""
    before = get(tx, receiver_id, lock=True)
    after = wanted(before)
    if if_version is not None and if_version != before.version:
        raise Stale(say=_CHANGED)
    if after == before:
        return before
    model.check(after)
    return _save(tx, before, after)


def roll(tx: Transaction, receiver_id: str, *, key: bytes) -> tuple[Receiver, str]:
    """A new secret, shown this once; the old one is accepted for 24 hours more. Raises `NotFound`."""
    before, secret = get(tx, receiver_id, lock=True), signature.new_secret()
    known = secrets_of(before, key=key)
    made = Secrets(secret, previous=None if known is None else known.secret, previous_until=tx.now + model.SECRET_OVERLAP)
    return _save(tx, before, replace(before, secret=_seal(made, before.id, key))), secret


def delete(tx: Transaction, receiver_id: str, *, if_version: int | None = None) -> Receiver:
    """Delete it with its alerts. Raises `NotFound`, `Stale`."""
    gone = get(tx, receiver_id)
    if not repository.delete(tx, receiver_id, known=gone.version if if_version is None else if_version):
        raise Stale(say=_CHANGED)
    return gone


def secrets_of(receiver: Receiver, *, key: bytes) -> Secrets | None:
    """What its senders know; None when the key-encryption key is another one."""
    plain = sealed.unseal(receiver.secret, key=key, binding=receiver.id)
    return None if plain is None else _secrets.decode(plain)


def is_from(auth: Auth, headers: Mapping[str, str], body: bytes, *, keys: Sequence[str], now: datetime) -> bool:
    """Whether a request comes from somebody who knows one of these secrets of a receiver."""
    if auth is Auth.BEARER:
        return signature.is_bearer(headers.get("authorization", ""), keys=keys)
    return signature.verified_id(headers, body, keys=keys, now=now) is not None


def organisation_of(tx: Transaction, receiver_id: str) -> str | None:
    """The organization of a receiver; for a request, which names none."""
    return repository.organisation_of(tx, receiver_id)


def _seal(made: Secrets, receiver_id: str, key: bytes) -> bytes:
    return sealed.seal(msgspec.json.encode(made), key=key, binding=receiver_id)


def _save(tx: Transaction, before: Receiver, after: Receiver) -> Receiver:
    after = replace(after, version=before.version + 1, updated_at=tx.now)
    if not repository.update(tx, after, known=before.version):
        raise Stale(say=_CHANGED)
    return after


# --- what could not be read


def reject(tx: Transaction, receiver_id: str, problems: Sequence[Problem]) -> None:
    """Note what a receiver could not read; the newest 200 are kept."""
    made = [
        Rejected(id=ids.new("alj"), receiver_id=receiver_id, at=tx.now, code=one.code, reason=one.reason[:500], excerpt=one.excerpt)
        for one in problems
    ]
    if made:
        repository.add_rejected(tx, receiver_id, made, keep=model.MAX_REJECTED)


def rejected(tx: Transaction, receiver_id: str, page: PageRequest) -> list[Rejected]:
    return repository.rejected(tx, receiver_id, page)


def count_rejected(tx: Transaction, receiver_id: str) -> int:
    return repository.count_rejected(tx, receiver_id)


def place_of_rejected(one: Rejected) -> PageCursor:
    return PageCursor(one.at, one.id)


# --- alerts


def update_known(tx: Transaction, receiver: Receiver, incoming: Sequence[Incoming]) -> tuple[list[Alert], int]:
    """Note a notification: changes the alerts that are known, and returns those that are new, not stored yet, and how many were known."""
    repository.note_received(tx, receiver.id)
    occurrences = {(one.fingerprint, one.starts_at): one for one in incoming}  # the last of two that are the same
    known = repository.known(tx, receiver.id, occurrences)
    newest = {one.fingerprint: one for one in sorted(incoming, key=lambda one: one.starts_at)}
    repository.save(tx, [_again(alert, occurrences.get(at), newest[alert.fingerprint], tx.now) for at, alert in known.items()])
    new = [_new(tx, receiver, one) for at, one in occurrences.items() if at not in known]
    return new, len(incoming) - len(new)


def _again(alert: Alert, same: Incoming | None, newest: Incoming, now: datetime) -> Alert:
    """The alert after a notification about it, or about a later occurrence, of which it must have ended."""
    if same is not None:
        return model.again(alert, same, now)
    has_ended = alert.status is AlertStatus.FIRING and newest.starts_at > alert.starts_at
    return model.ended(alert, newest.starts_at) if has_ended else alert


def _new(tx: Transaction, receiver: Receiver, one: Incoming) -> Alert:
    return Alert(
        id=ids.new("alt"),
        receiver_id=receiver.id,
        fingerprint=one.fingerprint,
        name=one.name,
        status=one.status,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        labels=one.labels,
        annotations=one.annotations,
        expression=one.expression,
        source_url=one.source_url,
        outcome=Outcome.UNRESOLVED,
        received_at=tx.now,
        last_received_at=tx.now,
    )


def add(tx: Transaction, made: Sequence[Alert]) -> None:
    repository.add(tx, made)
    if any(one.due_at is not None for one in made):
        tx.publish(WAITING, ANY)


def save(tx: Transaction, changed: Sequence[Alert]) -> None:
    repository.save(tx, changed)


def get_alert(tx: Transaction, alert_id: str) -> Alert:
    """Raises `NotFound` for none that the actor may see."""
    found = repository.alert(tx, alert_id)
    if found is None or not _is_seen(tx, found):
        raise NotFound("alert_not_found", say=f"there is no alert {alert_id[:64]}")
    return found


def _is_seen(tx: Transaction, alert: Alert) -> bool:
    """An alert without a cluster is shown only to those who see every cluster."""
    if tx.actor.reach is None:
        return True
    return alert.cluster_id is not None and tx.actor.may_see(alert.cluster_id, alert.namespace)


def find(tx: Transaction, wanted: AlertFilter, page: PageRequest) -> list[Alert]:
    """A page of the alerts that the actor may see, by the time they were received."""
    return repository.find(tx, _allowed(tx, wanted), page)


def count(tx: Transaction, wanted: AlertFilter) -> int:
    return repository.count_alerts(tx, _allowed(tx, wanted))


def _allowed(tx: Transaction, wanted: AlertFilter) -> AlertFilter:
    return replace(wanted, areas=tx.actor.within(None))


def occurrences(tx: Transaction, *, since: datetime, limit: int) -> list[Occurrence]:
    """The newest alerts that the actor may see and that were received since then."""
    return repository.occurrences(tx, tx.actor.within(None), since=since, limit=limit)


def place(one: Alert) -> PageCursor:
    return PageCursor(one.received_at, one.id)


def may_join(tx: Transaction, cluster_id: str) -> list[Alert]:
    """The newest alerts of a cluster that an issue may still explain."""
    return repository.may_join(tx, cluster_id, since=tx.now - model.SILENCE, limit=MOST_COMPARED)


def find_alert(tx: Transaction, alert_id: str) -> Alert | None:
    return repository.alert(tx, alert_id)


def due(tx: Transaction, *, limit: int) -> list[tuple[str, str]]:
    """(organization, alert) of those that have waited long enough; of all organizations."""
    return repository.due(tx, limit)


def delete_old(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` alerts that were last received before that moment; how many."""
    return repository.delete_old(tx, before=before, limit=limit)
