"""The verdict on a change: whether the checks say that it helped.

A check passes, fails, or is inconclusive. What cannot be observed (an agent that is away, an inventory that does not show the change yet)
is inconclusive and never counts as passed. `flows/executions/checks.py` runs the checks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from optral.runbooks.model import Execution

PASSED, FAILED, INCONCLUSIVE = "passed", "failed", "inconclusive"
CHECK_EVERY = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check."""

    name: str
    status: str
    message: str

    @property
    def text(self) -> str:
        """`Rolling out: 1 of 3 updated (Deployment/shop/web)`: the message, with the object if one was checked."""
        checked = self.name.partition(" ")[2]
        return f"{self.message[:1].upper()}{self.message[1:]}" + (f" ({checked})" if checked else "")

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "status": self.status, "message": self.message}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checks say so far; `status` None: check again. `since`: since when all of them have passed without a break."""

    checks: Sequence[Check]
    status: str | None
    since: datetime | None


def judge(execution: Execution, checks: Sequence[Check], *, now: datetime) -> Verdict:
    """Passed when all checks have passed for the definition's `stable_s` without a break; at its timeout failed or inconclusive."""
    definition, window = execution.read_definition, window_of(execution, now=now)
    if all(check.status == PASSED for check in checks):
        since = window.since or now
        if now - since >= timedelta(seconds=definition.stable_s):
            return Verdict(checks, PASSED, since)
        return Verdict(checks, INCONCLUSIVE if now >= window.until else None, since)
    if now < window.until:
        return Verdict(checks, None, None)
    return Verdict(checks, FAILED if any(check.status == FAILED for check in checks) else INCONCLUSIVE, None)


class Window(NamedTuple):
    """Until when the checks are made, and since when all of them have passed."""

    until: datetime
    since: datetime | None


def window_of(execution: Execution, *, now: datetime) -> Window:
    """As it is stored. A time that a clock which was set back since has left in the future is brought back to its limit."""
    before, latest = execution.verification or {}, now + timedelta(seconds=execution.read_definition.verify_timeout_s)
    until = datetime.fromisoformat(before["until"]) if "until" in before else latest
    since = datetime.fromisoformat(before["since"]) if before.get("since") else None
    return Window(min(until, latest), since and min(since, now))


def is_moved(execution: Execution, *, now: datetime) -> bool:
    """Whether the stored window is in the future."""
    before, window = execution.verification or {}, window_of(execution, now=now)
    return any(name in before and datetime.fromisoformat(before[name]) != at for name, at in window._asdict().items())


def as_json(execution: Execution, verdict: Verdict, *, now: datetime) -> dict[str, Any]:
    """The verification as it is stored and shown."""
    shown: dict[str, Any] = {
        "checks": [check.as_json() for check in verdict.checks],
        "stableSeconds": execution.read_definition.stable_s,
        "until": window_of(execution, now=now).until.isoformat(),
    }
    if verdict.since is not None:
        shown["since"] = verdict.since.isoformat()
    return shown | ({} if verdict.status is None else {"status": verdict.status})


def changed_checks(before: Execution, after: Execution) -> list[dict[str, Any]]:
    """The checks whose result differs from the one before."""
    old = {check["name"]: check for check in (before.verification or {}).get("checks", ())}
    return [check for check in (after.verification or {}).get("checks", ()) if old.get(check["name"]) != check]
