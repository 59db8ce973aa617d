"""Title, body and commit message of a pull request: issue, cause, evidence, and the change.

What comes from a cluster is text of strangers: it stands in code alone, on bounded lines, and is searched for secrets once more.
"""

import secrets
from collections.abc import Mapping
from typing import Any, NamedTuple

from optral.analysis import service as analyses
from optral.clusters import service as clusters
from optral.forges.markdown import block, code, one_line
from optral.issues import service as issues
from optral.issues.model import Issue
from optral.kube.redact import Redactor
from optral.runbooks.model import Execution
from optral.store.transaction import Transaction
from optral.terms.errors import NotFound

MAX_EVIDENCE = 8
MAX_PATCH = 16_000  # characters in the body
_OUTLOOK = "Optral waits until this is merged and applied, then verifies that it helped. If you close it, nothing is changed."
_redactor = Redactor(secrets.token_bytes(16))


class Texts(NamedTuple):
    """`body` ends before the patch."""

    title: str
    body: str
    commit: str


def of_execution(tx: Transaction, execution: Execution, *, link: str) -> Texts:
    """`link` is the address of this server's pages; empty where it has none."""
    target = execution.target
    named = one_line("/".join(str(target[part]) for part in ("namespace", "name") if target.get(part)), most=200)
    title = one_line(f"{execution.runbook_name}: {target['kind']} {named}", most=200)
    cluster = clusters.names(tx, [execution.cluster_id]).get(execution.cluster_id, execution.cluster_id)
    shown = code(" ".join((str(target["kind"]), named)))
    lines = [f"This changes {shown} in the cluster {code(cluster)} as the runbook {code(execution.runbook_slug)} would."]
    lines += _issue(tx, execution, link) + _changes(execution.plan or {})
    lines += ["", f"Execution: {_linked(execution.id, f'{link}/executions/{execution.id}' if link else '')}"]
    if execution.reason:
        lines.append(f"Reason: {_code(execution.reason)}")
    lines += ["", _OUTLOOK]
    commit = f"{title}\n\nExecution {execution.id}, runbook {execution.runbook_slug} version {execution.runbook_version}."
    return Texts(title, "\n".join(lines), commit)


def with_patch(body: str, patch: str, notes: tuple[str, ...]) -> str:
    """The body with the notes and the patch."""
    noted = [f"Note: {code(note)}" for note in notes]
    shown = patch if len(patch) <= MAX_PATCH else patch[:MAX_PATCH] + "\n(cut off)"
    return "\n".join([body, "", *noted, "", "**Diff**", "", block(shown, "diff")])


def masked(patch: str) -> str:
    """The patch with what looks like a secret masked: its context lines come from the repository, which not everybody may read."""
    return "\n".join(_redactor.text(line) for line in patch.split("\n"))


def _issue(tx: Transaction, execution: Execution, link: str) -> list[str]:
    if execution.issue_id is None:
        return []
    try:
        issue = issues.get(tx, execution.issue_id)
    except NotFound:
        return []
    shown = f"**Issue:** {_code(issue.title)} ({_linked(issue.id, f'{link}/issues/{issue.id}' if link else '')})"
    return ["", shown, *_cause(tx, issue)]


def _cause(tx: Transaction, issue: Issue) -> list[str]:
    result = analyses.shown_result(tx, issue.id)
    if (cause := result.get("rootCause")) is None:
        return []
    lines = ["", f"**Cause:** {_code(cause.get('title'))}", "", _code(cause.get("explanation"), most=1500)]
    cited = {one for claim in cause.get("claims") or () for one in claim.get("evidenceIds") or ()}
    evidence = [one for one in result.get("evidence") or () if not cited or one.get("id") in cited]
    if evidence:
        lines += ["", "**Evidence**", "", *(f"- {_evidence(one)}" for one in evidence[:MAX_EVIDENCE])]
    return lines


def _evidence(one: Mapping[str, Any]) -> str:
    ref = one.get("ref") or {}
    where = " ".join(str(ref[part]) for part in ("kind", "namespace", "name") if ref.get(part))
    return f"{_code(where)}: {_code(one.get('excerpt'))}"


def _changes(plan: Mapping[str, Any]) -> list[str]:
    found = [f"| {_cell(change['path'])} | {_cell(change.get('from'))} | {_cell(change.get('to'))} |" for change in plan.get("diff") or ()]
    return ["", "**Change**, as the API server's dry run shows it", "", "| Field | From | To |", "|---|---|---|", *found] if found else []


def _cell(value: Any) -> str:
    """A cell of a table: a bar would end it even within code."""
    return _code("(none)" if value is None else value, most=120).replace("|", "\\|")


def _code(text: object, *, most: int = 300) -> str:
    return code(_redactor.text(one_line(text, most=4 * most)), most=most)


def _linked(name: str, url: str) -> str:
    return f"[{name}]({url})" if url else code(name)
