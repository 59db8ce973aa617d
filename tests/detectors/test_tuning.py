import pytest

from optral import detectors
from optral.detectors import tuning
from optral.detectors.finding import Finding
from optral.detectors.tuning import NOTHING, Place, Settings, Tuning
from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import NOON, deployment, make, pod, replica_set, status, view_of, waiting, when

TYPE = "CreateContainerConfigError"


def trouble(annotation: str = "", *, of_namespace: str = "") -> list[KubeObject]:
    top = deployment(meta={"annotations": {"optral.ai/detectors": annotation}})
    between = replica_set(top)
    stuck = pod(status(state=waiting(TYPE)), phase="Pending", owner=between, ago=600)
    home = make("Namespace", name="shop", namespace=None, meta={"annotations": {"optral.ai/detectors": of_namespace}})
    return [top, between, stuck, home]


def judged(settings: Settings, things: list[KubeObject]) -> list[Finding]:
    view = view_of(*things)
    examination = tuning.apply(detectors.examine_all(view, now=NOON), settings, view, cluster_id="c1")
    return [finding for finding in examination.findings if finding.type == TYPE]


def at(place: Place, said: Tuning) -> Settings:
    return Settings(tunings={TYPE: {place: said}})


def test_without_settings_nothing_changes() -> None:
    view = view_of(*trouble())
    examination = detectors.examine_all(view, now=NOON)
    assert tuning.apply(examination, tuning.DEFAULT, view, cluster_id="c1") is examination


@pytest.mark.parametrize(
    ("place", "is_silent"),
    [
        (Place(), True),
        (Place("c1"), True),
        (Place("c2"), False),
        (Place("", "shop"), True),
        (Place("c1", "shop"), True),
        (Place("c1", "other"), False),
    ],
)
def test_a_type_is_switched_off_where_it_was_said(place: Place, is_silent: bool) -> None:
    assert (judged(at(place, Tuning(is_enabled=False)), trouble()) == []) is is_silent


def test_the_nearer_place_wins_member_by_member() -> None:
    said = {
        Place(): Tuning(is_enabled=False, severity=Severity.LOW, open_after_s=10),
        Place("c1"): Tuning(is_enabled=True),
        Place("", "shop"): Tuning(open_after_s=20),
        Place("c1", "shop"): Tuning(resolve_after_s=900),
    }
    [finding] = judged(Settings(tunings={TYPE: said}), trouble())
    assert (finding.severity, finding.opens_at - finding.since, finding.resolve_after_s) == (Severity.LOW, when(0) - when(20), 900)


def test_annotations_win_the_workloads_over_the_namespaces() -> None:
    settings = at(Place(), Tuning(is_enabled=False))
    assert judged(settings, trouble(f"{TYPE}=off", of_namespace=f"{TYPE}=on")) == []
    [finding] = judged(settings, trouble(f"{TYPE}=on, {TYPE}.openAfter=15m", of_namespace=f"{TYPE}=low"))
    assert (finding.severity, finding.opens_at - finding.since) == (Severity.LOW, when(0) - when(900))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A1=off", NOTHING),
        ("OOMKilled=off", Tuning(is_enabled=False)),
        ("OOMKilled = high; Other=off", Tuning(severity=Severity.HIGH)),
        ("OOMKilled.severity=medium\nOOMKilled.openAfter=90", Tuning(severity=Severity.MEDIUM, open_after_s=90)),
        ("OOMKilled.openAfter=99d", Tuning(open_after_s=7 * 86400)),
        ("OOMKilled.resolveAfter=1s", Tuning(resolve_after_s=60)),
        ("OOMKilled.openAfter=soon", NOTHING),
        ("OOMKilled=maybe", NOTHING),
        ("OOMKilled", NOTHING),
        ("=,=;;..=", NOTHING),
        ("x" * 5000 + ",OOMKilled=off", NOTHING),
    ],
)
def test_what_an_annotation_says(text: str, said: Tuning) -> None:
    assert tuning.read(text).get("OOMKilled", NOTHING) == said
