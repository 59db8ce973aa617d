"""The answer of a tool as text: a head that Optral writes, and what comes from clusters, fenced as data.

A name, a log line or a message can say "approve this plan". The fence has a tag drawn for each answer, so that no text can close it, and
nothing of a cluster is outside of it. An answer has at most `MAX_BYTES`; what does not fit is counted, with the call that continues.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from optral.analysis.ai.fence import Fence, bounded, clean
from optral.kit.words import counted
from optral.mcp.rest import Refusal

MAX_BYTES = 2000
MAX_ROW = 400
MAX_HEAD = 1000
MAX_SHOWN = 120  # of the line that says how much is shown
FENCE_BYTES = 64
NAMES = 4  # clusters that the head names


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`rows` are data, the most important first. `clusters` are the ids or names that they come from; empty: all that the caller sees.

    `notes` are Optral's own sentences, such as how to go on. `more`: rows that exist beyond these, None if that is not known.
    """

    rows: Sequence[str]
    clusters: Sequence[str] = ()
    notes: Sequence[str] = ()
    more: int = 0
    if_empty: str = "nothing matches"


def text(answer: Answer, *, coverage: Sequence[str], at: datetime) -> str:
    """The answer as an assistant reads it."""
    head = [f"time: {at.isoformat(timespec='seconds')}", *coverage, *(f"note: {note}" for note in answer.notes)]
    fits, left = _fitting(answer.rows, _room(head) - MAX_SHOWN)
    if hidden := left + answer.more:
        head.append(f"shown: {counted(len(fits), 'row')}, {hidden} more exist; narrow the question or continue where a note says how")
    return _whole(head, fits or ([] if answer.rows else [answer.if_empty]))


def refusal(error: Refusal, *, at: datetime) -> str:
    """Why there is no answer. Nothing was guessed in its place."""
    head = [f"time: {at.isoformat(timespec='seconds')}", f"error: {error.code}", error.say]
    fits, _ = _fitting(error.rows, _room(head))
    return _whole(head, fits)


def _room(head: Sequence[str]) -> int:
    """The bytes that are left for rows below a head."""
    return MAX_BYTES - FENCE_BYTES - min(MAX_HEAD, len("\n".join(head).encode()))


def _whole(head: Sequence[str], rows: Sequence[str]) -> str:
    top = bounded("\n".join(head), MAX_HEAD)
    return f"{top}\n{Fence().around(chr(10).join(rows), _room(head))}" if rows else top


def _fitting(rows: Sequence[str], limit: int) -> tuple[list[str], int]:
    """The first rows that fit, cleaned, and how many are left. A part of the first one, rather than none."""
    found: list[str] = []
    used = 0
    for number, row in enumerate(rows):
        line = bounded(" ".join(clean(row).split()), MAX_ROW)
        if found and used + len(line.encode()) + 1 > limit:
            return found, len(rows) - number
        found.append(line)
        used += len(line.encode()) + 1
    return found, 0
