"""The service of triggers. `flows/triggers` starts their executions and writes their events and audit records.

Every change of a trigger is bound to its version, and its cursor and schedule move only from where they were read: of two servers that see
the same occasion, one adds its firing.
"""

from dataclasses import replace
from datetime import datetime, timedelta

import msgspec

from optral.kit import sealed, signature
from optral.kit.hub import ANY, Topic
from optral.kit.paging import PageCursor, PageRequest
from optral.kit.signature import Secrets
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.errors import NotFound, Refused, Stale, TooMany
from optral.terms.ids import OrgId
from optral.triggers import model, repository
from optral.triggers.model import Firing, FiringState, Source, Trigger

DUE: Topic[str] = Topic("trigger firings due")
"""Published with `ANY` when a firing may be due now."""
_CHANGED = "the trigger was changed in the meantime; read it again, then repeat the change"


def create(tx: Transaction, made: Trigger, *, key: bytes) -> tuple[Trigger, str | None]:
    """A new trigger, and the secret of one for signed requests, shown this once. `key` seals (32 bytes).

    Raises `Invalid("invalid_trigger")`, `Refused("too_many_triggers")`.
    """
    model.check(made)
    if repository.count(tx) >= model.MAX_TRIGGERS:
        raise Refused("too_many_triggers", say=f"there are {model.MAX_TRIGGERS} triggers; delete one that is no longer used")
    made, secret = model.scheduled(made, tx.now), None
    if made.source is Source.WEBHOOK:
        secret = signature.new_secret()
        made = replace(made, secret=_seal(Secrets(secret), made.id, key), secret_by=made.acts_for)
    repository.insert(tx, made)
    return made, secret


def get(tx: Transaction, trigger_id: str, *, lock: bool = False) -> Trigger:
    """Raises `NotFound`."""
    if (found := repository.get(tx, trigger_id, lock=lock)) is None:
        raise NotFound("trigger_not_found", say=f"there is no trigger {trigger_id[:64]}")
    return found


def find(tx: Transaction, page: PageRequest) -> list[Trigger]:
    """A page, by the time they were created."""
    return repository.all_of(tx, page)


def count(tx: Transaction) -> int:
    return repository.count(tx)


def place(one: Trigger | Firing) -> PageCursor:
    return PageCursor(one.created_at, one.id)


def change(tx: Transaction, before: Trigger, after: Trigger, *, if_version: int | None = None) -> Trigger:
    """Raises `Invalid("invalid_trigger")`, `Stale`."""
    if if_version is not None and if_version != before.version:
        raise Stale(say=_CHANGED)
    if after == before:
        return before
    model.check(after)
    is_rescheduled = (after.schedule, after.time_zone) != (before.schedule, before.time_zone)
    if is_rescheduled or (after.is_enabled and not before.is_enabled):
        after = model.scheduled(after, tx.now)
    return save(tx, before, after)


def save(tx: Transaction, before: Trigger, after: Trigger) -> Trigger:
    """Raises `Stale`."""
    after = replace(after, version=before.version + 1, updated_at=tx.now)
    if not repository.update(tx, after, known=before.version):
        raise Stale(say=_CHANGED)
    return after


def reschedule(tx: Transaction, trigger: Trigger) -> bool:
    """Move to the next scheduled time; False when another server did it first."""
    assert trigger.next_at is not None
    return repository.reschedule(tx, model.scheduled(trigger, tx.now), known=trigger.next_at)


def of_person(tx: Transaction, user_id: str, *, lock: bool = False) -> list[Trigger]:
    """The triggers that act for this person, or whose secret was shown to this person."""
    return repository.of_person(tx, user_id, lock=lock)


def signed(tx: Transaction) -> list[Trigger]:
    """The triggers that have a secret."""
    return repository.signed(tx)


def secret_holder(tx: Transaction, trigger_id: str) -> str | None:
    """The member who was shown the secret of a trigger; None without a secret, and for a trigger that was deleted."""
    found = repository.get(tx, trigger_id)
    return None if found is None else found.secret_by


def organisation_of(tx: Transaction, trigger_id: str) -> str | None:
    """The organization of a trigger; for a signed request, which names none."""
    return repository.organisation_of(tx, trigger_id)


def skip_events(tx: Transaction, trigger: Trigger, *, up_to: int) -> bool:
    """Note that events up to that number were compared with the trigger; False when another server did it first."""
    return repository.move(tx, trigger.id, known=trigger.cursor, seq=up_to)


def delete(tx: Transaction, trigger_id: str, *, if_version: int | None = None) -> Trigger:
    """Delete it with its firings. Raises `NotFound`, `Stale`."""
    gone = get(tx, trigger_id)
    if not repository.delete(tx, trigger_id, known=gone.version if if_version is None else if_version):
        raise Stale(say=_CHANGED)
    return gone


def roll(tx: Transaction, trigger_id: str, *, by: str, key: bytes) -> tuple[Trigger, str]:
    """A new secret, shown this once. From now on the trigger acts for the member `by`, who knows it.

    The old one signs too for 24 hours if this member knows it; another member's ends at once, so that one member knows the secret, and so
    does one that is not trusted.
    Raises `NotFound`, `Refused("not_a_webhook_trigger")`.
    """
    before = get(tx, trigger_id, lock=True)
    if before.secret is None:
        raise Refused("not_a_webhook_trigger", say="only a trigger for signed requests has a secret")
    known = secrets_of(before, key=key) if before.secret_by == by and before.block is not model.Block.SECRET else None
    secret = signature.new_secret()
    made = Secrets(secret, previous=None if known is None else known.secret, previous_until=tx.now + model.SECRET_OVERLAP)
    after = before if before.block is model.Block.FAILURES else model.unblocked(before)
    return save(tx, before, replace(after, secret=_seal(made, before.id, key), secret_by=by, acts_for=by)), secret


_secrets = msgspec.json.Decoder(Secrets)  # here, not in the threads of the store: two that prepare a type at once end the process


def secrets_of(trigger: Trigger, *, key: bytes) -> Secrets | None:
    """What may sign its requests; None for a trigger without, and when the key-encryption key is another one."""
    plain = None if trigger.secret is None else sealed.unseal(trigger.secret, key=key, binding=trigger.id)
    return None if plain is None else _secrets.decode(plain)


def _seal(made: Secrets, trigger_id: str, key: bytes) -> bytes:
    return sealed.seal(msgspec.json.encode(made), key=key, binding=trigger_id)


# --- firings


def fire(
    tx: Transaction, trigger: Trigger, *, key: str, issue_id: str | None = None, parameters: dict[str, object] | None = None
) -> Firing:
    """Add a firing that is due now, or return the one of this key.

    Raises `TooMany` when too many of this trigger wait; of signed requests, also when too many came within a minute.
    """
    if (known := repository.firing_by_key(tx, trigger.id, key)) is not None:
        return known
    waiting = repository.count_firings(tx, trigger.id, FiringState.WAITING.value)
    if waiting >= model.MAX_WAITING:
        raise TooMany("too_many_firings", retry_after_s=60, say=f"{waiting} firings of this trigger wait; try again later")
    if trigger.source is Source.WEBHOOK:
        _check_rate(tx, trigger)
    made = Firing(
        id=ids.new("fir"),
        trigger_id=trigger.id,
        key=key,
        issue_id=issue_id,
        parameters=parameters or {},
        due_at=tx.now,
        created_at=tx.now,
    )
    if not repository.add_firing(tx, made):
        found = repository.firing_by_key(tx, trigger.id, key)
        assert found is not None
        return found
    tx.publish(DUE, ANY)
    return made


def _check_rate(tx: Transaction, trigger: Trigger) -> None:
    if repository.count_since(tx, trigger.id, tx.now - timedelta(minutes=1)) >= model.MAX_REQUESTS_PER_MINUTE:
        say = f"at most {model.MAX_REQUESTS_PER_MINUTE} requests a minute start this trigger; try again later"
        raise TooMany("too_many_firings", retry_after_s=60, say=say)


def note_skipped(tx: Transaction, trigger: Trigger, *, key: str, code: str, reason: str) -> None:
    """Write down an occasion that starts nothing."""
    made = Firing(id=ids.new("fir"), trigger_id=trigger.id, key=key, due_at=None, created_at=tx.now)
    repository.add_firing(tx, model.ended(made, FiringState.SKIPPED, code=code, reason=reason, now=tx.now))


def firing(tx: Transaction, firing_id: str, *, lock: bool = False) -> Firing | None:
    return repository.firing(tx, firing_id, lock=lock)


def save_firing(tx: Transaction, made: Firing) -> Firing:
    repository.update_firing(tx, made)
    return made


def find_firings(tx: Transaction, trigger_id: str, page: PageRequest, *, state: str | None = None) -> list[Firing]:
    """A page, by the time they were added."""
    return repository.find_firings(tx, trigger_id, page, state)


def count_firings(tx: Transaction, trigger_id: str, *, state: str | None = None) -> int:
    return repository.count_firings(tx, trigger_id, state)


# --- for the worker, over all organizations


def watching(tx: Transaction) -> list[tuple[str, str, int]]:
    """(organization, trigger, cursor) of every trigger that waits for issues."""
    return repository.watching(tx)


def due(tx: Transaction, *, limit: int) -> list[tuple[str, str]]:
    """(organization, trigger) of those whose scheduled time has come."""
    return repository.due(tx, limit)


def ahead(tx: Transaction) -> list[tuple[str, str]]:
    """(organization, trigger) of those whose next time was reckoned while a clock was ahead."""
    return [
        (org_id, trigger_id)
        for org_id, trigger_id in repository.scheduled(tx)
        if (found := repository.get(tx.acting_for(OrgId(org_id)), trigger_id)) is not None and model.is_ahead(found, tx.now)
    ]


def due_firings(tx: Transaction, *, limit: int) -> list[tuple[str, str]]:
    """(organization, firing) of what is to be tried now."""
    return repository.due_firings(tx, limit)


def running(tx: Transaction, *, limit: int) -> list[tuple[str, str, str]]:
    """(organization, firing, execution) of the firings whose execution had not ended when it was last looked at."""
    return repository.running(tx, limit)


def next_due(tx: Transaction) -> datetime | None:
    """When a schedule or a firing comes next."""
    coming = [moment for moment in (repository.next_schedule(tx), repository.next_firing(tx)) if moment is not None]
    return min(coming, default=None)


def delete_old(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` firings added before that moment; how many."""
    return repository.delete_old(tx, before=before, limit=limit)
