"""The service of detector settings: read the settings, set a type in a place, switch risks on or off."""

from typing import Any

from optral.detector_settings import repository
from optral.detector_settings.model import MAX_TUNINGS, Tuned
from optral.detectors.tuning import Settings, Tuning, TuningScope
from optral.store.transaction import Transaction
from optral.terms.errors import Refused
from optral.terms.severity import Severity


def settings(tx: Transaction) -> Settings:
    """Everything the organization has set, as detectors take it: for all clusters, whoever asks, since it is remembered for all of them."""
    tunings: dict[str, dict[TuningScope, Tuning]] = {}
    for one in map(_tuned, repository.rows(tx)):
        tunings.setdefault(one.type, {})[one.place] = one.tuning
    return Settings(has_risk=repository.has_risk(tx), tunings=tunings)


def listed(tx: Transaction) -> list[Tuned]:
    """What is set, by type and place; only places the actor may see."""
    found = [_tuned(row) for row in repository.rows(tx)]
    return [one for one in found if may_see(tx, one.place)]


def hold(tx: Transaction) -> None:
    """Call before reading what is to be changed: who changes settings of the organization at the same time waits for this transaction."""
    repository.hold(tx)


def put(tx: Transaction, issue_type: str, place: TuningScope, tuning: Tuning) -> None:
    """Set a type in a place; an empty tuning takes back what was set. Raises `Refused("too_many_tunings")`."""
    if tuning.is_empty:
        repository.delete(tx, issue_type, place)
        return
    if repository.count_others(tx, issue_type, place) >= MAX_TUNINGS:
        raise Refused("too_many_tunings", say=f"an organization has at most {MAX_TUNINGS} detector settings; remove some")
    repository.save(tx, Tuned(type=issue_type, place=place, tuning=tuning, updated_by=tx.actor.id, updated_at=tx.now))


def switch_risk(tx: Transaction, *, has_risk: bool) -> None:
    """Whether the organization has risk checks enabled."""
    repository.switch(tx, has_risk=has_risk)


def forget_cluster(tx: Transaction, cluster_id: str) -> None:
    """What was set for a cluster goes with it."""
    repository.forget_cluster(tx, cluster_id)


def may_see(tx: Transaction, place: TuningScope) -> bool:
    """Whether nothing that the place names is beyond what the actor may see."""
    if place.namespace:
        return bool(tx.actor.within(frozenset({place.cluster_id}) if place.cluster_id else None, frozenset({place.namespace})) != ())
    return not place.cluster_id or tx.actor.may_see_cluster(place.cluster_id)


def _tuned(row: Any) -> Tuned:
    severity = None if row.severity is None else Severity(row.severity)
    return Tuned(
        type=row.type,
        place=TuningScope(row.cluster_id, row.namespace),
        tuning=Tuning(
            is_enabled=row.is_enabled,
            open_after_s=row.open_after_s,
            resolve_after_s=row.resolve_after_s,
            severity=severity,
            thresholds=tuple(sorted((row.thresholds or {}).items())),
            severity_shift=row.severity_shift,
        ),
        updated_by=row.updated_by,
        updated_at=row.updated_at,
    )
