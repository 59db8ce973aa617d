"""Where a runbook is suggested: for which causes and issue types, and for which of the open issues now."""

from typing import Any, Literal

from fastapi import FastAPI
from pydantic import Field
from starlette.responses import Response

from optral.access.model import require
from optral.analysis import service as analyses
from optral.analysis.causes import cures
from optral.analysis.model import Analysis
from optral.api.http.routing import Call, Routes, Shape, json_response, present
from optral.api.overview.search import IssueHit, issue_hit
from optral.api.runbooks.runbooks import named
from optral.clusters import service as clusters
from optral.flows import visible
from optral.issues import service as issues
from optral.issues.model import Issue, IssueFilter, Status
from optral.kit.paging import PageRequest
from optral.runbooks import service as runbooks
from optral.runbooks.model import Runbook
from optral.store.transaction import Transaction

MOST_EXAMINED = 300
SHOWN = 20
_OPEN = IssueFilter(statuses=frozenset({Status.OPEN.value}), parents=frozenset({"none"}), is_muted=False, is_snoozed=False)


class SuggestedIssue(IssueHit):
    by: Literal["analysis", "type"] = Field(description="`analysis`: its analysis recommends the runbook; `type`: its type fits")
    cause: str | None = Field(None, description="The cause that the analysis names, an id from docs/causes.md")


class SuggestionsShape(Shape):
    causes: list[str] = Field(description="Causes for which an analysis suggests the runbook if the evidence supports it")
    issue_types: list[str] = Field(description="Types of issues that show the runbook as suitable")
    matching: int = Field(description="Open issues for which it is suggested now")
    is_whole: bool = Field(description=f"False: there are more open issues than the newest {MOST_EXAMINED}, which were looked at")
    issues: list[SuggestedIssue] = Field(description=f"At most {SHOWN}: those by analysis first, then the newest")


async def suggestions_of_runbook(call: Call, runbook_id: str) -> Response:
    """Get where a runbook is suggested

    Lists causes, issue types, and the open issues for which it is suggested now. Also requires the scope `issues:read`.
    """
    named(runbook_id)
    require(call.actor, "issues:read")
    return json_response(await call.read(lambda tx: _suggestions(tx, runbook_id)))


def _suggestions(tx: Transaction, runbook_id: str) -> dict[str, Any]:
    one = runbooks.get(tx, runbook_id, among=clusters.visible_names(tx))
    found = issues.find(tx, _OPEN, PageRequest(size=MOST_EXAMINED + 1, sort="detectedAt"))
    examined = found[:MOST_EXAMINED]
    newest = visible.veiled_each(tx, analyses.answers_of(tx, [issue.id for issue in examined]))
    fits = [(issue, by, newest.get(issue.id)) for issue in examined if (by := _by(one, issue, newest.get(issue.id))) is not None]
    fits.sort(key=lambda fit: fit[1])  # stable: the newest of each first
    standings = clusters.standings(tx, {issue.cluster_id for issue, _, _ in fits[:SHOWN]})
    return {
        "causes": sorted(cause for cause, named in cures.RUNBOOKS.items() if one.is_builtin and one.slug in named),
        "issueTypes": list(one.definition.issue_types),
        "matching": len(fits),
        "isWhole": len(found) <= MOST_EXAMINED,
        "issues": [
            issue_hit(issue, clusters.standing_in(standings, issue.cluster_id))
            | present(by=by, cause=None if analysis is None else analysis.cause_id)
            for issue, by, analysis in fits[:SHOWN]
        ],
    }


def _by(one: Runbook, issue: Issue, analysis: Analysis | None) -> str | None:
    """How the issue suggests the runbook; None if it does not."""
    actions = [] if analysis is None else (analysis.result or {}).get("recommendedActions") or []
    if any(action.get("runbook") in (one.id, one.slug) for action in actions):
        return "analysis"
    return "type" if one.is_enabled and issue.type in one.definition.issue_types else None


def add(app: FastAPI) -> None:
    Routes(app, "runbooks").add(
        "GET",
        "/v1/runbooks/{runbook_id}/suggestions",
        suggestions_of_runbook,
        scope="runbooks:read",
        gives=SuggestionsShape,
        errors=(404,),
    )
