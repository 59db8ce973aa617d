import pytest

from optral import detectors
from optral.detectors import explain, gates, thresholds, tuning
from optral.detectors.catalog import DETECTORS
from optral.detectors.detector import Detector
from optral.detectors.finding import Finding
from optral.detectors.thresholds import Limits, Threshold
from optral.detectors.tuning import NOTHING, Settings, Tuning, TuningScope
from optral.kube import owners
from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import (
    NOON,
    condition,
    deployment,
    make,
    pod,
    replica_set,
    running,
    status,
    terminated,
    view_of,
    waiting,
    when,
)

TYPE = "CreateContainerConfigError"


def crashing(annotation: str = "", *, of_namespace: str = "", available: int = 2) -> list[KubeObject]:
    top = deployment(available=available, meta={"annotations": {"optral.ai/detectors": annotation}})
    between = replica_set(top)
    stuck = pod(status(state=waiting(TYPE)), phase="Pending", owner=between, ago=600)
    home = make("Namespace", name="shop", namespace=None, meta={"annotations": {"optral.ai/detectors": of_namespace}})
    return [top, between, stuck, home]


def findings_with(settings: Settings, things: list[KubeObject]) -> list[Finding]:
    view = view_of(*things)
    examination = tuning.apply(detectors.examine_all(view, now=NOON), settings, view, cluster_id="c1")
    return [finding for finding in examination.findings if finding.type == TYPE]


def at(place: TuningScope, tuning: Tuning) -> Settings:
    return Settings(tunings={TYPE: {place: tuning}})


def test_without_settings_nothing_changes() -> None:
    view = view_of(*crashing())
    examination = detectors.examine_all(view, now=NOON)
    assert tuning.apply(examination, tuning.DEFAULT, view, cluster_id="c1") is examination


@pytest.mark.parametrize(
    ("place", "is_silent"),
    [
        (TuningScope(), True),
        (TuningScope("c1"), True),
        (TuningScope("c2"), False),
        (TuningScope("", "shop"), True),
        (TuningScope("c1", "shop"), True),
        (TuningScope("c1", "other"), False),
    ],
)
def test_a_type_is_switched_off_where_it_was_set(place: TuningScope, is_silent: bool) -> None:
    assert (findings_with(at(place, Tuning(is_enabled=False)), crashing()) == []) is is_silent


def test_the_nearer_place_wins_field_by_field() -> None:
    tunings = {
        TuningScope(): Tuning(is_enabled=False, severity=Severity.LOW, open_after_s=10),
        TuningScope("c1"): Tuning(is_enabled=True),
        TuningScope("", "shop"): Tuning(open_after_s=20),
        TuningScope("c1", "shop"): Tuning(resolve_after_s=900),
    }
    [finding] = findings_with(Settings(tunings={TYPE: tunings}), crashing())
    assert (finding.severity, finding.opens_at - finding.since, finding.resolve_after_s) == (Severity.LOW, when(0) - when(20), 900)


def test_annotations_win_those_of_the_workload_over_those_of_the_namespace() -> None:
    settings = at(TuningScope(), Tuning(is_enabled=False))
    assert findings_with(settings, crashing(f"{TYPE}=off", of_namespace=f"{TYPE}=on")) == []
    [finding] = findings_with(settings, crashing(f"{TYPE}=on, {TYPE}.openAfter=15m", of_namespace=f"{TYPE}=low"))
    assert (finding.severity, finding.opens_at - finding.since) == (Severity.LOW, when(0) - when(900))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A1=off", NOTHING),
        ("OOMKilled=off", Tuning(is_enabled=False)),
        ("OOMKilled = high; Other=off", Tuning(severity=Severity.HIGH)),
        ("OOMKilled.severity=medium\nOOMKilled.openAfter=90", Tuning(severity=Severity.MEDIUM, open_after_s=90)),
        ("OOMKilled.severity=-1, *=off, *.openAfter=5m", NOTHING),
        ("OOMKilled.openAfter=99d", Tuning(open_after_s=7 * 86400)),
        ("OOMKilled.resolveAfter=1s", Tuning(resolve_after_s=60)),
        ("OOMKilled.openAfter=soon", NOTHING),
        ("OOMKilled.fullFrom=0.8, OOMKilled.maxChanges=5", Tuning(thresholds=(("fullFrom", 0.8), ("maxChanges", 5)))),
        ("OOMKilled.soonSeconds=30d OOMKilled.soonSeconds=2d", Tuning(thresholds=(("soonSeconds", 2 * 86400),))),
        ("OOMKilled.fullFrom=1.2.3, OOMKilled.fullFrom=.5, OOMKilled.fullFrom=high", NOTHING),
        ("OOMKilled=maybe", NOTHING),
        ("OOMKilled", NOTHING),
        ("=,=;;..=", NOTHING),
        ("x" * 5000 + ",OOMKilled=off", NOTHING),
    ],
)
def test_parses_annotations(text: str, expected: Tuning) -> None:
    assert tuning.read(text).get("OOMKilled", NOTHING) == expected


# --- a shift of all types


def shifted(steps: int) -> Tuning:
    return Tuning(severity_shift=steps)


EVERYWHERE, HERE, SHOP = TuningScope(), TuningScope("c1"), TuningScope("", "shop")


@pytest.mark.parametrize(
    ("tunings", "of_namespace", "annotation", "expected", "reason"),
    [
        pytest.param({}, "", "", Severity.HIGH, "", id="nothing is set"),
        pytest.param({EVERYWHERE: shifted(-1)}, "", "", Severity.MEDIUM, "; the organization counts all clusters one step less.", id="all"),
        pytest.param({HERE: shifted(-1)}, "", "", Severity.MEDIUM, "; the organization counts this cluster one step less.", id="cluster"),
        pytest.param({SHOP: shifted(1)}, "", "", Severity.CRITICAL, "; the organization counts namespace shop one step more.", id="up"),
        pytest.param({TuningScope("c2"): shifted(-1), TuningScope("", "dev"): shifted(-1)}, "", "", Severity.HIGH, "", id="elsewhere"),
        pytest.param({HERE: shifted(-1), SHOP: shifted(0)}, "", "", Severity.HIGH, "", id="the nearer says none"),
        pytest.param({HERE: shifted(1)}, "*.severity=-1", "", Severity.MEDIUM, "; an annotation counts it one step less.", id="annotation"),
        pytest.param({}, "*.severity=-1", "*.severity=+1", Severity.CRITICAL, "; an annotation counts it one step more.", id="workload"),
        pytest.param({}, "*.severity=-2, *.severity=low, *=off", "", Severity.HIGH, "", id="nothing that can be set"),
        pytest.param({SHOP: shifted(1)}, "", f"{TYPE}=low", Severity.LOW, tuning.REASON, id="a fixed severity wins"),
    ],
)
def test_all_types_are_shifted_by_the_nearest_place(
    tunings: dict[TuningScope, Tuning], of_namespace: str, annotation: str, expected: Severity, reason: str
) -> None:
    objects = crashing(annotation, of_namespace=of_namespace, available=0)
    [finding] = findings_with(Settings(tunings={tuning.ALL: tunings}), objects)
    assert finding.severity is expected
    assert finding.impact.reason.endswith(reason or "available.")
    assert finding.impact.is_raised is (expected is Severity.CRITICAL)


@pytest.mark.parametrize(
    ("steps", "expected"), [(None, Severity.MEDIUM), (-1, Severity.MEDIUM), (0, Severity.HIGH), (1, Severity.CRITICAL)]
)
def test_a_shift_takes_the_place_of_the_label_of_the_namespace(steps: int | None, expected: Severity) -> None:
    *objects, _ = crashing(available=0)
    objects.append(make("Namespace", name="shop", namespace=None, meta={"labels": {"environment": "staging"}}))
    [finding] = findings_with(Settings(tunings={} if steps is None else {tuning.ALL: {SHOP: shifted(steps)}}), objects)
    assert finding.severity is expected
    assert ("is labeled" in finding.impact.reason) is (steps is None)


def test_a_shift_of_a_namespace_leaves_nodes_alone_and_that_of_a_cluster_does_not() -> None:
    down = make("Node", name="n1", namespace=None, status={"conditions": [condition("Ready", "Unknown")]})

    def severity(*places: TuningScope) -> Severity:
        view, settings = view_of(down), Settings(tunings={tuning.ALL: dict.fromkeys(places, shifted(-1))})
        found = tuning.apply(detectors.examine_all(view, now=NOON), settings, view, cluster_id="c1")
        return next(one.severity for one in found.findings if one.type == "NodeNotReady")

    assert severity(SHOP) is severity()
    assert severity(HERE) is severity().lowered() is not severity()


def test_risks_keep_their_severity() -> None:
    view = view_of(*crashing())
    risks = [one for one in detectors.examine_all(view, now=NOON, include_risk=True).findings if one.category == "risk"]
    settings = Settings(tunings={tuning.ALL: {EVERYWHERE: shifted(1)}})
    assert risks
    assert [tuning.tune(one, settings, view, cluster_id="c1") for one in risks] == risks


# --- thresholds

RESTARTS, HOUR_RATE = "FrequentRestarts", "restartsPerHour"


def restarting(annotation: str = "", *, of_namespace: str = "", restarts: int = 5) -> list[KubeObject]:
    """A workload whose pod of one hour was restarted so often, each time after a quarter of an hour."""
    top = deployment(meta={"annotations": {"optral.ai/detectors": annotation}})
    between = replica_set(top)
    seen = status(state=running(300), last=terminated(ago=300, ran=900), restarts=restarts)
    home = make("Namespace", name="shop", namespace=None, meta={"annotations": {"optral.ai/detectors": of_namespace}})
    return [top, between, pod(seen, owner=between, ago=3600, conditions=[condition("Ready")]), home]


def rates(settings: Settings, things: list[KubeObject]) -> list[str]:
    """The rate that was exceeded, as all ways of judging tell it."""
    view = view_of(*things)
    limits = tuning.limits(settings, view, cluster_id="c1")
    touched = [owners.ref(obj) for obj in things]
    told = [
        detectors.examine_all(view, now=NOON, limits=limits).findings,
        detectors.examine(view, touched, now=NOON, limits=limits).findings,
        explain.explain(view, now=NOON, include_risk=False, settings=settings, cluster_id="c1").findings,
    ]
    [rates] = {tuple(finding.facts["atLeast"] for finding in findings if finding.type == RESTARTS) for findings in told}
    return list(rates)


def hourly(number: float, **more: float) -> Tuning:
    return Tuning(thresholds=tuple(sorted({HOUR_RATE: number, **more}.items())))


@pytest.mark.parametrize(
    ("tunings", "annotation", "of_namespace", "expected"),
    [
        pytest.param({}, "", "", ["3 in an hour"], id="the default"),
        pytest.param({TuningScope(): hourly(4)}, "", "", ["4 in an hour"], id="of the organization"),
        pytest.param({TuningScope(): hourly(6, restartsPerDay=6)}, "", "", [], id="not reached"),
        pytest.param({TuningScope(): hourly(9), TuningScope("c1"): hourly(4)}, "", "", ["4 in an hour"], id="the cluster is nearer"),
        pytest.param({TuningScope("c2"): hourly(9), TuningScope("", "other"): hourly(9)}, "", "", ["3 in an hour"], id="elsewhere"),
        pytest.param(
            {TuningScope(): hourly(9), TuningScope("c1"): Tuning(thresholds=(("restartsPerDay", 4),))},
            "",
            "",
            ["4 in a day"],
            id="name by name",
        ),
        pytest.param(
            {TuningScope("c1", "shop"): hourly(9)}, f"{RESTARTS}.{HOUR_RATE}=5", "", ["5 in an hour"], id="the workload is nearest"
        ),
        pytest.param({}, f"{RESTARTS}.{HOUR_RATE}=4", f"{RESTARTS}.{HOUR_RATE}=5", ["4 in an hour"], id="nearer than its namespace"),
        pytest.param({}, "", f"{RESTARTS}.{HOUR_RATE}=5", ["5 in an hour"], id="of the namespace"),
        pytest.param({TuningScope(): hourly(4)}, f"{RESTARTS}.{HOUR_RATE}=2", "", ["4 in an hour"], id="below what may be: passed over"),
        pytest.param({TuningScope(): hourly(4)}, f"{RESTARTS}.{HOUR_RATE}=4.5", "", ["4 in an hour"], id="not whole: passed over"),
        pytest.param({TuningScope(): hourly(4)}, f"{RESTARTS}.nothing=5", "", ["4 in an hour"], id="no such threshold: passed over"),
        pytest.param({TuningScope(): hourly(2)}, "", "", ["3 in an hour"], id="set before its range was narrowed"),
    ],
)
def test_thresholds_apply_where_they_were_set(
    tunings: dict[TuningScope, Tuning], annotation: str, of_namespace: str, expected: list[str]
) -> None:
    assert rates(Settings(tunings={RESTARTS: tunings}), restarting(annotation, of_namespace=of_namespace)) == expected


def test_thresholds_are_never_looked_up_for_a_type_without_any() -> None:
    asked: list[str] = []

    def limits(detector: Detector, obj: KubeObject) -> Limits:
        asked.append(detector.type)
        return thresholds.defaults(detector.thresholds)

    detectors.examine_all(view_of(*crashing(), pod(status())), now=NOON, limits=limits)
    assert set(asked) <= {detector.type for detector in DETECTORS if detector.thresholds}
    assert RESTARTS in asked


def test_no_thresholds_are_looked_up_for_a_quiet_pod() -> None:
    def limits(detector: Detector, obj: KubeObject) -> Limits:
        raise AssertionError(detector.type)

    assert detectors.examine_all(view_of(pod(status())), now=NOON, limits=limits).failures == {}


def test_no_threshold_is_lower_than_the_gate_for_quiet_pods() -> None:
    of = detectors.BY_TYPE[RESTARTS].thresholds
    assert min(of["restartsPerHour"].min, of["restartsPerDay"].min) >= gates.OFTEN


@pytest.mark.parametrize("detector", [one for one in detectors.DETECTORS if one.thresholds], ids=lambda one: one.type)
def test_thresholds_are_well_declared(detector: Detector) -> None:
    for name, one in detector.thresholds.items():
        assert one.min < one.max
        assert one.accept(one.default) == one.default
        assert one.accept(one.min) is not None
        assert one.accept(one.max) is not None
        assert tuning.read(f"{detector.type}.{name}={one.default}")[detector.type].thresholds == ((name, one.default),)


@pytest.mark.parametrize(
    ("value", "taken"), [(5, 5), (5.0, 5), (5.5, None), (2, None), (11, None), (float("nan"), None), (float("inf"), None)]
)
def test_a_whole_threshold_takes_whole_values(value: float, taken: float | None) -> None:
    assert Threshold(default=3, min=3, max=10, unit="", doc="").accept(value) == taken
