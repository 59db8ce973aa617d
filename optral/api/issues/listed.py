"""Issues as lists show them: with what is computed when they are read, in a fixed number of queries however many they are."""

from collections.abc import Sequence
from typing import Any

from optral.analysis import brief, service as analyses
from optral.api.issues.issue_shapes import shape
from optral.clusters import service as clusters
from optral.flows import visible
from optral.flows.executions import fixes
from optral.issues import service as issues
from optral.issues.lifecycle import grouping
from optral.issues.lists import visible as visible_issues
from optral.issues.model import Issue
from optral.store.transaction import Transaction


def computed(tx: Transaction, found: Sequence[Issue]) -> dict[str, dict[str, Any]]:
    """What is computed of issues when they are read, by id: arguments of `shape`."""
    ids = [one.id for one in found]
    symptoms, ends, briefs = grouping.symptom_counts(tx, ids), issues.resolution_times(tx, ids), _briefs(tx, found)
    made = fixes.find(tx, found, ends)
    return {
        id_: {"symptom_count": symptoms.get(id_, 0), "resolves_at": ends.get(id_), "brief": briefs.get(id_), "fix": made.get(id_)}
        for id_ in ids
    }


def shapes(tx: Transaction, found: Sequence[Issue]) -> dict[str, dict[str, Any]]:
    """The JSON of each of these issues by id, as the actor may see it."""
    more, standings = computed(tx, found), clusters.standings(tx, {one.cluster_id for one in found})
    return {one.id: shape(one, clusters.standing_in(standings, one.cluster_id), **more[one.id]) for one in visible_issues.of(tx, found)}


def _briefs(tx: Transaction, found: Sequence[Issue]) -> dict[str, dict[str, Any]]:
    """What the analysis of each says in short: its answer or, while it has none, how its newest analysis stands."""
    answers = analyses.answers_of(tx, [one.id for one in found])
    others = analyses.newest_of(tx, [one.id for one in found if one.id not in answers])
    return {id_: brief.of(one) for id_, one in visible.veiled_each(tx, {**others, **answers}).items()}
