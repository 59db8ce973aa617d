"""Detectors as people tune them: the package's work with its audit record, and the settings in force wherever findings are judged.

Judging asks for the settings with every job, so they are remembered per organization for a few seconds; a change made here is in force with
the next job, one made in another process within `REMEMBERED_S`. Whoever judges keeps what a whole inventory was last judged under
(`Session.settings`): when that differs, everything is looked at once more.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from optral import detectors
from optral.access import service as access
from optral.detector_settings import service as detector_settings
from optral.detector_settings.model import Tuned
from optral.detectors.detector import Detector, Tier
from optral.detectors.thresholds import Values
from optral.detectors.tuning import ALL, ANNOTATION, NOTHING, Settings, Tuning, TuningScope, around, from_annotations, namespace_of
from optral.issues import service as issues
from optral.issues.model import UNRESOLVED, Condition, IssueFilter, SwitchedOff
from optral.kit.mappings import without_none
from optral.kit.records import changing
from optral.kube.kinds import REPORT_KINDS
from optral.kube.view import ClusterView
from optral.ownership import service as ownership
from optral.resources import service as resources
from optral.store.transaction import Transaction
from optral.terms.errors import Invalid, NotFound

REMEMBERED_S = 10
MAX_REMEMBERED = 1000
MAX_CLUSTERS = 200  # requested for clusters that the key cannot see


class InForce:
    """The settings of organizations, each at most `REMEMBERED_S` old. Used on the store's thread alone."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[datetime, Settings]] = OrderedDict()

    def of(self, tx: Transaction) -> Settings:
        """What the transaction's organization has set."""
        known = self._known.get(tx.org_id)
        if known is not None and abs(tx.now - known[0]) < timedelta(seconds=REMEMBERED_S):
            return known[1]
        found = in_force(tx)
        self._known[tx.org_id] = (tx.now, found)
        self._known.move_to_end(tx.org_id)
        if len(self._known) > MAX_REMEMBERED:
            self._known.popitem(last=False)
        return found

    def forget(self, org_id: str) -> None:
        """Ask the database next time."""
        self._known.pop(org_id, None)


def in_force(tx: Transaction) -> Settings:
    """What the organization has set, with how it finds the team of an issue."""
    return replace(detector_settings.settings(tx), teams=ownership.get(tx).settings)


def known(issue_type: str) -> Detector:
    """The detector of a type. Raises `NotFound`."""
    found = detectors.BY_TYPE.get(issue_type)
    if found is None:
        raise NotFound("detector_not_found", say=f"there is no detector {issue_type[:100]}; list them with GET /v1/detectors")
    return found


def change(tx: Transaction, issue_type: str, place: TuningScope, changes: dict[str, Any]) -> Settings:
    """Set members of a type's tuning in a place; None takes a member back, or a threshold, of which `thresholds` names some.

    Raises `NotFound`, `Refused("too_many_tunings")`, `Invalid` for a threshold that the type does not have or that may not be so.
    """
    detector = known(issue_type)
    detector_settings.hold(tx)
    before = detector_settings.settings(tx).tunings.get(issue_type, {}).get(place, NOTHING)
    if "thresholds" in changes:
        changes = changes | {"thresholds": _thresholds(detector, before.thresholds, changes["thresholds"])}
    _put(tx, issue_type, place, before, changing(Tuning, changes)(before), action="detector.tune")
    return detector_settings.settings(tx)


def shift_severity(tx: Transaction, place: TuningScope, steps: int | None) -> None:
    """Shift the severity of all types in a place; None takes it back. Raises `Refused("too_many_tunings")`."""
    detector_settings.hold(tx)
    before = detector_settings.settings(tx).tunings.get(ALL, {}).get(place, NOTHING)
    _put(tx, ALL, place, before, Tuning(severity_shift=steps), action="detector.shift")


def _put(tx: Transaction, issue_type: str, place: TuningScope, before: Tuning, after: Tuning, *, action: str) -> None:
    if after != before:
        detector_settings.put(tx, issue_type, place, after)
        access.audit(tx, action=action, target=issue_type, detail={**place._asdict(), **plain(after)})


def _thresholds(detector: Detector, before: Values, given: Mapping[str, float | None] | None) -> Values:
    """What is set after the change. Raises `Invalid`, saying which thresholds there are or what the value may be."""
    if given is None:
        return ()
    after = dict(before)
    for name, value in given.items():
        threshold = detector.thresholds.get(name)
        if value is None:
            after.pop(name, None)
        elif threshold is None:
            there = ", ".join(detector.thresholds) or "none"
            raise _invalid(name, "unknown_threshold", f"{detector.type} has no threshold {name[:100]}; it has: {there}")
        elif (accepted := threshold.accept(value)) is None:
            raise _invalid(name, "threshold_out_of_range", f"{name} of {detector.type} may be {threshold.range}")
        else:
            after[name] = accepted
    return tuple(sorted(after.items()))


def _invalid(name: str, code: str, say: str) -> Invalid:
    return Invalid(code, say=say, errors=[{"field": f"thresholds.{name[:100]}", "code": code, "message": say}])


def switch_risk(tx: Transaction, *, has_risk: bool) -> Settings:
    """Whether risks are reported for the organization; off, open risk issues resolve at the next examination."""
    detector_settings.hold(tx)
    if detector_settings.settings(tx).has_risk != has_risk:
        detector_settings.switch_risk(tx, has_risk=has_risk)
        access.audit(tx, action="detector.risk", target="risk", detail={"hasRisk": has_risk})
    return detector_settings.settings(tx)


def plain(said: Tuning) -> dict[str, Any]:
    """What a tuning says, for records."""
    members = {
        "isEnabled": said.is_enabled,
        "openAfterSeconds": said.open_after_s,
        "resolveAfterSeconds": said.resolve_after_s,
        "severity": None if said.severity is None else said.severity.value,
        "thresholds": dict(said.thresholds) or None,
        "severityShift": said.severity_shift,
    }
    return without_none(members)


def settings(tx: Transaction) -> tuple[Settings, list[Tuned]]:
    """What is set, for showing it."""
    return detector_settings.settings(tx), detector_settings.listed(tx)


def open_issues(tx: Transaction, cluster_id: str | None) -> dict[str, int]:
    """How many issues are open now, by type."""
    wanted = IssueFilter(statuses=UNRESOLVED, clusters=frozenset({cluster_id}) if cluster_id else frozenset())
    return issues.facets(tx, wanted).get("type", {})


def blindness(tx: Transaction, cluster_ids: Sequence[str]) -> dict[str, frozenset[str]]:
    """Kinds that agents may not see or clusters do not have, by cluster; those of usage also where the agent sends none."""
    return {one: resources.blind_kinds(tx, one) | _unsent_usage(tx, one) for one in cluster_ids[:MAX_CLUSTERS]}


def _unsent_usage(tx: Transaction, cluster_id: str) -> frozenset[str]:
    states = resources.kind_states(tx, cluster_id)
    return frozenset(kind.id for kind in REPORT_KINDS if kind.id not in states)


def switched_off(tx: Transaction, settings: Settings, view: ClusterView, *, cluster_id: str) -> Callable[[Condition], SwitchedOff | None]:
    """Answers that nobody looks any more for what a condition tells of, and who said so where; None while somebody does.

    For one observation, in which thousands may end: who set what is read once, and only when something ended by it.
    """

    @cache
    def said_by() -> Mapping[tuple[str, TuningScope], Tuned]:
        return {(one.type, one.place): one for one in detector_settings.listed(tx)}

    def ask(condition: Condition) -> SwitchedOff | None:
        subject, shown_by = condition.subject, condition.shown_by
        said = from_annotations(condition.type, subject, shown_by, view)
        if said.is_enabled is not None:
            return None if said.is_enabled else SwitchedOff(None, {"annotation": ANNOTATION})
        namespace = namespace_of(subject, shown_by)
        if settings.of(condition.type, cluster_id=cluster_id, namespace=namespace).is_enabled is False:
            nearest_first = reversed(list(around(cluster_id, namespace)))
            found = (said_by().get((condition.type, place)) for place in nearest_first)
            by = next((one for one in found if one is not None and one.tuning.is_enabled is False), None)
            return SwitchedOff(None) if by is None else SwitchedOff(by.updated_by, _where(by.place))
        detector = detectors.BY_TYPE.get(condition.type)
        return SwitchedOff(None) if detector is not None and detector.tier is Tier.RISK and not settings.has_risk else None

    return ask


def _where(place: TuningScope) -> dict[str, str]:
    named = {"clusterId": place.cluster_id, "namespace": place.namespace}
    return {name: value for name, value in named.items() if value}
