"""Analyses as the actor may see them: of issues in its namespaces, without what rests on objects elsewhere."""

from collections.abc import Mapping
from dataclasses import replace

from optral.analysis import service as analyses, veil
from optral.analysis.model import Analysis
from optral.issues import service as issues
from optral.store.transaction import Transaction


def get(tx: Transaction, analysis_id: str) -> Analysis:
    """The analysis. Raises `NotFound`, also where the actor may not see its issue."""
    found = analyses.get(tx, analysis_id)
    if not tx.actor.sees_whole_clusters and issues.find_one(tx, found.issue_id) is None:
        raise analyses.not_found(analysis_id)
    return found


def veiled(tx: Transaction, analysis: Analysis) -> Analysis:
    """The analysis without what rests on objects that the actor may not see; also without its cause, if that is one of these."""
    if tx.actor.sees_whole_clusters or not analysis.status.is_final:
        return analysis
    attempt = None if analysis.attempt is None else veiled(tx, analysis.attempt)
    result = veil.over(analysis.result, lambda namespace: tx.actor.may_see(analysis.cluster_id, namespace))
    is_cause_hidden = "rootCause" in analysis.result and "rootCause" not in result
    return replace(analysis, result=result, cause_id=None if is_cause_hidden else analysis.cause_id, attempt=attempt)


def veiled_each(tx: Transaction, found: Mapping[str, Analysis]) -> dict[str, Analysis]:
    return {key: veiled(tx, one) for key, one in found.items()}
