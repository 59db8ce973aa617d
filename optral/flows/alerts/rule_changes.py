"""Proposes a change of an alerting rule, where the record of its alerts decides it, and opens a pull request with it.

A rule that fired without a failure can wait longer (`for:`), if every such alert ended soon and no alert about a failure was as short: then
the longer wait would have left out those, and none of these. For anything else, there is a reason why nothing is proposed.
"""

import asyncio
import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from optral.access import service as access
from optral.alerts import service as alerts
from optral.alerts.model import Outcome
from optral.alerts.service import Occurrence
from optral.flows.alerts import quality
from optral.flows.forges import texts
from optral.forges import service as forges
from optral.forges.api import Api, Commit, FileChange
from optral.forges.markdown import code, one_line
from optral.forges.model import ForgeError, PullRequest
from optral.gitops import patch, rules
from optral.gitops.archive import Archive
from optral.gitops.model import CannotEdit
from optral.kit.durations import in_words
from optral.store.transaction import Transaction
from optral.terms.errors import NotFound, Refused

LEAST = 3  # alerts without a failure
LONGEST_S = 1800  # that a rule is let wait longer
WITHIN_S = 25.0
STEP_S = 60
_Span = float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """How much longer a rule should wait, and what that rests on."""

    alert: str
    by_s: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """A change of a rule in a repository. `digest` names the change: of the same file and the same wait it is the same."""

    decision: Decision
    repository: str
    base: str
    base_commit: str
    file: FileChange
    before_s: int
    after_s: int
    patch: str
    digest: str


def decide(tx: Transaction, alert: str, since: datetime) -> Decision:
    """Raises `NotFound("alert_not_found")` without such alerts, and `Refused("no_rule_change")`, which says why nothing is proposed."""
    found = alerts.occurrences(tx, since=since, limit=quality.MOST_ALERTS)
    own = [one for one in found if one.name == alert]
    if not own:
        raise NotFound("alert_not_found", say=f"no alert named {alert[:64]!r} was received in this time")
    rated = next(one for one in quality.of(tx, since).alerts if one.name == alert)
    without = [_lasted(one) for one in own if one.outcome == Outcome.UNEXPLAINED]
    joined = [_lasted(one) for one in own if one.outcome == Outcome.JOINED]
    if len(without) < LEAST:
        raise Refused("no_rule_change", say=_why_not(rated, len(without)))
    longest = _longest(without)
    by_s = math.ceil((longest + 1) / STEP_S) * STEP_S
    shortest = min((one for one in joined if one is not None), default=math.inf)
    if shortest <= by_s:
        say = f"an alert about a failure lasted {in_words(shortest)} only: a longer for: would have left it out, too"
        raise Refused("no_rule_change", say=f"{say}; review the expression")
    about = f"{len(without)} alerts fired without a failure, and each ended within {in_words(longest)}"
    kept = f"; none of the {len(joined)} about a failure was as short" if joined else ""
    return Decision(alert=alert, by_s=by_s, why=about + kept)


def _why_not(rated: quality.AlertQuality, without: int) -> str:
    if rated.repeats is not None:
        return f"it repeats {rated.repeats}: that takes an inhibition rule in the configuration of Alertmanager, no change of this rule"
    if rated.flapping:
        return "its alerts that flap are about failures, or name no known object: a longer for: would report those failures late"
    return f"{without} of its alerts fired without a failure; at least {LEAST} are needed"


def _lasted(one: Occurrence) -> _Span:
    """Seconds; None while it fires."""
    return None if one.ends_at is None or one.status == "firing" else max(0.0, (one.ends_at - one.starts_at).total_seconds())


def _longest(spans: Sequence[_Span]) -> float:
    """Of alerts without a failure. Raises `Refused` for what no wait would have left out."""
    longest = max((math.inf if one is None else one for one in spans), default=0.0)
    if longest > LONGEST_S:
        say = "an alert without a failure still fires" if longest == math.inf else f"one without a failure lasted {in_words(longest)}"
        raise Refused("no_rule_change", say=f"{say}: a longer for: would not have left it out; review the expression")
    return longest


async def propose(decision: Decision, api: Api, repository: str) -> RuleChange:
    """The change in the repository; writes nothing. Raises `Refused("no_rule_change")` and `ForgeError`."""
    async with asyncio.timeout(WITHIN_S):
        base = (await api.facts(repository)).default_branch
        if (base_commit := await api.head(repository, base)) is None:
            raise ForgeError("branch_not_found", f"{repository} has no branch {base}")
        packed = await api.archive(repository, base_commit)
        return await asyncio.to_thread(_changed, decision, repository, base, base_commit, packed)


def _changed(decision: Decision, repository: str, base: str, base_commit: str, packed: bytes) -> RuleChange:
    archive = Archive(packed)
    try:
        made = rules.wait_longer(archive.files, decision.alert, by_s=decision.by_s)
    except CannotEdit as error:
        raise Refused("no_rule_change", say=str(error)) from None
    edit = made.edit
    content = f"{repository}\0{base}\0{edit.path}\0{edit.before}\0{edit.after}"
    return RuleChange(
        decision=decision,
        repository=repository,
        base=base,
        base_commit=base_commit,
        file=FileChange(edit.path, edit.before, edit.after, edit.path in archive.executables),
        before_s=made.before_s,
        after_s=made.after_s,
        patch=texts.masked(patch.unified([edit])),
        digest=hashlib.sha256(content.encode()).hexdigest()[:32],
    )


async def open_request(change: RuleChange, api: Api, *, prefix: str) -> PullRequest:
    """Open a pull request with the change, or find the one that was opened. Raises `ForgeError`."""
    branch = f"{prefix}alert-{change.digest[:12]}"
    title = f"Let {one_line(change.decision.alert, most=100)} wait {rules.duration(change.after_s)}"
    body = "\n".join(
        [
            f"The alert {code(change.decision.alert)} waits {code(rules.duration(change.after_s))} before it fires, "
            f"instead of {code(rules.duration(change.before_s))}.",
            "",
            f"Reason: {change.decision.why}.",
        ]
    )
    async with asyncio.timeout(WITHIN_S):
        if (known := await api.find(change.repository, base=change.base, branch=branch)) is not None:
            return known
        if await api.head(change.repository, branch) is None:
            message = f"{title}\n\n{change.decision.why}."
            await api.commit(change.repository, Commit(change.base, change.base_commit, branch, message, [change.file]))
        body = texts.with_patch(body, change.patch, ())
        return await api.open(change.repository, base=change.base, branch=branch, title=title, body=body)


def record(tx: Transaction, forge_id: str, change: RuleChange, made: PullRequest) -> PullRequest:
    """Audit a pull request that was opened."""
    detail = {"alert": change.decision.alert, "repository": change.repository, "file": change.file.path, "url": made.url}
    access.audit(tx, action="alert.propose_rule", target=forges.get(tx, forge_id).id, detail=detail)
    return made
