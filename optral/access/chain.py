"""Walks an organization's audit chain, some records in each transaction, and names the first record that is not as it was written.

The hash of each record covers the record and the hash before it, and the row of the head holds the last one. Retention removes records from
the start only and moves the base, from which the rest is proved. Whoever can write all of these tables can also write a chain that fits; an
earlier head, kept elsewhere, shows that.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import zip_longest
from typing import Any, NamedTuple

from optral.access import repository
from optral.access.model import AuditRecord, chained
from optral.store.metadata import to_micros
from optral.store.transaction import Transaction

AT_ONCE = 500


class Checkpoint(NamedTuple):
    """A record's number and hash: all of the chain up to there. Written as `4812:9f2c…`."""

    seq: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash.hex()}"


class AuditFaultKind(StrEnum):
    CHANGED = "changed"
    REMOVED = "removed"
    INSERTED = "inserted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """The first fault. `id` and `at` are those of the record itself, or where records are missing, of the one beside the gap, if any.

    `seq` is the number of the first record that is missing, changed or inserted.
    """

    kind: AuditFaultKind
    seq: int
    id: str | None = None
    at: datetime | None = None
    say: str


@dataclass(slots=True, kw_only=True)
class VerificationState:
    """How far a walk is. `kept`: an earlier head to meet on the way; `met` None: retention has removed the records up to there."""

    head: Checkpoint
    at: Checkpoint
    kept: Checkpoint | None = None
    met: bool | None = None
    read: int = 0
    first: AuditRecord | None = None
    last: AuditRecord | None = None
    before_last: bytes = b""
    fault: Break | None = None
    is_done: bool = False


def begin(tx: Transaction, *, kept: Checkpoint | None = None) -> VerificationState:
    """A walk to the head of now."""
    ends = repository.chain_ends(tx)
    if ends is None:
        return VerificationState(head=Checkpoint(0, b""), at=Checkpoint(0, b""), kept=kept, is_done=True)
    head, lowest, highest = ends
    walk = VerificationState(head=Checkpoint(head.seq, head.hash), at=Checkpoint(head.base_seq, head.base_hash), kept=kept)
    if lowest is not None and lowest <= head.base_seq:
        _stop(walk, _inserted(tx, lowest, f"record {lowest} stands before the first record that retention has kept, {head.base_seq + 1}"))
    elif highest is not None and highest > head.seq:
        _stop(walk, _inserted(tx, head.seq + 1, f"the chain ends with record {head.seq}, and there are records after it"))
    elif kept is not None and kept.seq > head.seq:
        say = f"missing at the end, after this record: {_numbers(head.seq + 1, kept.seq)}, up to the given head"
        _stop(walk, _beside(tx, AuditFaultKind.REMOVED, head.seq + 1, head.seq, say))
    else:
        _meet(walk)
    return walk


def step(tx: Transaction, before: VerificationState) -> VerificationState:
    """The walk after the next records, at most 500. `is_done` at the end, and at the first fault."""
    walk = replace(before)
    found = [one for one in repository.records_after(tx, walk.at.seq, AT_ONCE) if one.seq <= walk.head.seq]
    for record, following in zip_longest(found, found[1:]):
        if record.seq != walk.at.seq + 1 or record.hash != hash_of(record, walk.at.hash):
            if not _pruned(tx, walk):
                _stop(walk, _fault(walk, record, following))
            return walk
        _advance(walk, record)
        if walk.is_done:
            return walk
    if len(found) < AT_ONCE and not _pruned(tx, walk):
        _finish(tx, walk)
    return walk


def hash_of(record: AuditRecord, previous: bytes) -> bytes:
    """What the record's hash has to be after this one."""
    return chained(previous, hashed_columns(record))


def hashed_columns(record: AuditRecord) -> dict[str, Any]:
    """What of the record is hashed."""
    columns = {name: getattr(record, name) for name in AuditRecord.__slots__ if name not in ("hash", "at", "cluster_id")}
    return {**columns, "at": to_micros(record.at)}


def _advance(walk: VerificationState, record: AuditRecord) -> None:
    walk.before_last, walk.at = walk.at.hash, Checkpoint(record.seq, record.hash)
    walk.first, walk.last = walk.first or record, record
    walk.read += 1
    _meet(walk)


def _meet(walk: VerificationState) -> None:
    """Compare the earlier head where the walk passes it."""
    if walk.kept is None or walk.kept.seq != walk.at.seq:
        return
    walk.met = walk.kept.hash == walk.at.hash
    if not walk.met:
        say = f"record {walk.at.seq} does not have the hash of the given head: it, or records before it, were rewritten"
        _stop(walk, _named(AuditFaultKind.CHANGED, walk.at.seq, walk.last, say))


def _pruned(tx: Transaction, walk: VerificationState) -> bool:
    """Whether retention has removed records that the walk had not reached; it then goes on after them."""
    head = repository.audit_head(tx)
    if head is None or head.base_seq <= walk.at.seq:
        return False
    walk.at, walk.before_last, walk.last = Checkpoint(head.base_seq, head.base_hash), b"", None
    _meet(walk)
    return True


def _fault(walk: VerificationState, record: AuditRecord, following: AuditRecord | None) -> Break:
    expected, last = walk.at.seq + 1, walk.last
    if record.seq != expected:
        return _named(AuditFaultKind.REMOVED, expected, record, f"missing before this record: {_numbers(expected, record.seq - 1)}")
    if last is not None and hash_of(replace(record, seq=last.seq), walk.before_last) == record.hash:
        return _named(
            AuditFaultKind.INSERTED, last.seq, last, f"record {last.seq} was inserted: the one after it follows the one before it"
        )
    if following is not None and hash_of(replace(following, seq=expected), walk.at.hash) == following.hash:
        return _named(
            AuditFaultKind.INSERTED, expected, record, f"record {expected} was inserted: the one after it follows the one before it"
        )
    return _named(
        AuditFaultKind.CHANGED, expected, record, f"record {expected} is not as it was written, or does not follow record {walk.at.seq}"
    )


def _finish(tx: Transaction, walk: VerificationState) -> None:
    if walk.at.seq < walk.head.seq:
        say = f"missing at the end, after this record: {_numbers(walk.at.seq + 1, walk.head.seq)}"
        _stop(walk, _beside(tx, AuditFaultKind.REMOVED, walk.at.seq + 1, walk.at.seq, say))
    elif walk.at != walk.head:
        say = f"record {walk.at.seq} does not have the hash that the end of the chain holds"
        _stop(walk, _named(AuditFaultKind.CHANGED, walk.at.seq, walk.last, say))
    walk.is_done = True


def _stop(walk: VerificationState, fault: Break) -> None:
    walk.fault, walk.is_done = fault, True


def _numbers(first: int, last: int) -> str:
    return f"record {first}" if first == last else f"records {first} to {last}"


def _inserted(tx: Transaction, seq: int, say: str) -> Break:
    return _beside(tx, AuditFaultKind.INSERTED, seq, seq, say)


def _beside(tx: Transaction, kind: AuditFaultKind, seq: int, at: int, say: str) -> Break:
    """With the id and the time of the record of the number `at`, or of the first after it."""
    found = repository.records_after(tx, at - 1, 1)
    return _named(kind, seq, found[0] if found else None, say)


def _named(kind: AuditFaultKind, seq: int, record: AuditRecord | None, say: str) -> Break:
    return Break(kind=kind, seq=seq, id=None if record is None else record.id, at=None if record is None else record.at, say=say)
