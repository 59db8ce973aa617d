"""The verdict on a change: whether the checks say that it helped.

A check passes, fails, or is inconclusive. What cannot be observed (an agent that is away, an inventory that does not show the change yet)
is inconclusive and never counts as passed. `flows/executions/checks.py` runs the checks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from optral.runbooks.model import Execution

PASSED, FAILED, INCONCLUSIVE = "passed", "failed", "inconclusive"
CHECK_EVERY = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check."""

    name: str
    status: str
    message: str

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
    definition, before = execution.read_definition, execution.verification or {}
    until = datetime.fromisoformat(before["until"]) if "until" in before else now + timedelta(seconds=definition.verify_timeout_s)
    if all(check.status == PASSED for check in checks):
        since = datetime.fromisoformat(before["since"]) if before.get("since") else now
        if now - since >= timedelta(seconds=definition.stable_s):
            return Verdict(checks, PASSED, since)
        return Verdict(checks, INCONCLUSIVE if now >= until else None, since)
    if now < until:
        return Verdict(checks, None, None)
    return Verdict(checks, FAILED if any(check.status == FAILED for check in checks) else INCONCLUSIVE, None)


def as_json(execution: Execution, verdict: Verdict, *, now: datetime) -> dict[str, Any]:
    """The verification as it is stored and shown."""
    definition, before = execution.read_definition, execution.verification or {}
    shown: dict[str, Any] = {
        "checks": [check.as_json() for check in verdict.checks],
        "stableSeconds": definition.stable_s,
        "until": before.get("until") or (now + timedelta(seconds=definition.verify_timeout_s)).isoformat(),
    }
    if verdict.since is not None:
        shown["since"] = verdict.since.isoformat()
    return shown | ({} if verdict.status is None else {"status": verdict.status})


def changed_checks(before: Execution, after: Execution) -> list[dict[str, Any]]:
    """The checks whose result differs from the one before."""
    old = {check["name"]: check for check in (before.verification or {}).get("checks", ())}
    return [check for check in (after.verification or {}).get("checks", ()) if old.get(check["name"]) != check]
