"""What a type declares, and what follows from it. Whatever can be listed is listed: a new type without a decision fails here."""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from optral import detectors
from optral.detectors import CATALOG, explain, index
from optral.detectors.detector import About, Effect, Stage, Tier

ROOT = Path(__file__).parents[2]
_SEVERITY = re.compile(r"^Severity: (?:usually |normally )?(critical|high|medium|low)", re.MULTILINE)
WITHOUT_GATES = {
    "PodStuckTerminating": "it is about a deletion",
    "NamespaceTerminating": "it is about a deletion",
    "CRDNotEstablished": "a definition has no rollout, no history and nothing that is off on purpose",
}
every_type = pytest.mark.parametrize("detector", detectors.DETECTORS, ids=lambda detector: detector.type)


@every_type
def test_a_type_says_what_broke(detector: detectors.Detector) -> None:
    assert re.fullmatch(r"[A-Z].*[^.:]", detector.title)
    assert 10 < len(detector.title) <= 90
    assert [one.type for one in detectors.DETECTORS if one.title == detector.title] == [detector.type]


@every_type
def test_a_type_names_gates_that_exist(detector: detectors.Detector) -> None:
    assert set(detector.gates) <= {*explain.GATES, "G11"}
    assert list(detector.gates) == sorted(set(detector.gates), key=lambda gate: int(gate[1:]))
    assert bool(detector.gates) is (detector.type not in WITHOUT_GATES)


@every_type
def test_exactly_the_types_about_a_container_compete_for_it(detector: detectors.Detector) -> None:
    assert (detector.rank is not None) is (detector.about is About.CONTAINER)


@every_type
def test_the_page_begins_with_the_declared_severity(detector: detectors.Detector) -> None:
    found = _SEVERITY.search((ROOT / detector.page).read_text())
    assert found is not None
    assert found.group(1) == detector.severity.value


@every_type
def test_a_risk_explains_no_failure(detector: detectors.Detector) -> None:
    if detector.tier is Tier.RISK:
        assert (detector.effect, detector.stage, detector.rank) == (None, Stage.NONE, None)


@every_type
def test_the_table_of_thresholds_on_the_page_is_the_declared_one(detector: detectors.Detector) -> None:
    page = (ROOT / detector.page).read_text()
    assert ("## What can be set" in page) is bool(detector.thresholds)
    for name, threshold in detector.thresholds.items():
        assert f"| `{name}` | {threshold.default} | {threshold.range} | {threshold.doc} |" in page


def test_ranks_are_unique() -> None:
    assert [rank for rank, times in Counter(CATALOG.ranks.values()).items() if times > 1] == []


def test_every_effect_has_types() -> None:
    assert [effect for effect in Effect if not CATALOG.with_effect(effect)] == []


def test_an_effect_stands_for_all_types_that_have_it() -> None:
    pressure = {"NodeMemoryPressure", "NodeDiskPressure", "NodePIDPressure"}
    assert CATALOG.expand(frozenset({Effect.NODE_PRESSURE, "OOMKilled"})) == pressure | {"OOMKilled"}
    assert CATALOG.expand(frozenset()) == frozenset()


def test_the_index_of_pages_is_the_generated_one() -> None:
    """Run `make contracts`."""
    assert (ROOT / index.PATH).read_text() == index.document()


# --- A new type is a file, a test, a page and one line

MADE_UP = '''
"""ClockSkewed: the clock of a container is wrong."""

from optral.detectors import containers
from optral.detectors.detector import About, Detector, Effect, Stage
from optral.detectors.finding import Finding
from optral.kube import owners
from optral.kube.objects import Pod
from optral.terms.severity import Severity


def detect(pod, view, *, now):
    for container in containers.of(pod):
        yield Finding(
            type="ClockSkewed", subject=view.workload_of(pod), part=container.name, shown_by=owners.ref(pod), severity=Severity.HIGH,
            title="skewed", category="health", since=now, opens_at=now,
        )


DETECTOR = Detector(
    type="ClockSkewed", title="The clock of a container is wrong", category="health", about=About.CONTAINER, severity=Severity.HIGH,
    gates=("G1", "G7"), rank=5, effect=Effect.POD_DOWN, stage=Stage.CONTAINER, looks_at=frozenset({Pod.kind}), detect=detect,
)
'''
ASK = """
from optral import detectors
from optral.detectors import explain, index, tuning
from optral.grouping import graph, model
from optral.kube import owners
from tests.detectors.build import NOON, condition, deployment, pod, replica_set, status, terminated, view_of, waiting

top = deployment(available=0, status={"conditions": [condition("Available", "False", ago=900)]})
revision = replica_set(top)
killed = status(state=waiting("CrashLoopBackOff"), last=terminated(ago=9, reason="OOMKilled", code=137), restarts=4)
view = view_of(top, revision, pod(killed, owner=revision))
found = [one for one in detectors.examine_all(view, now=NOON).findings if one.opens_at <= NOON]
failures = model.of_findings(found, "c1")
arranged = graph.arrange(failures, view, now=NOON)
roots = [failure.type for failure in failures if failure.key not in arranged.parent_of]
answer = explain.explain(view, now=NOON, include_risk=False, settings=tuning.DEFAULT, cluster_id="c1")
[near] = [near for near in answer.near if near.type == "ClockSkewed"]
print(sorted(one.type for one in found), roots, sorted(gate.gate for gate in near.gates), "ClockSkewed.md" in index.document(), sep="|")
"""


def test_a_new_type_needs_no_other_change(tmp_path: Path) -> None:
    """It takes precedence, explains the missing replicas, is explained gate by gate and is in the index."""
    package = tmp_path / "optral"
    package.mkdir()
    for entry in (ROOT / "optral").iterdir():
        if entry.name not in ("detectors", "__pycache__"):
            (package / entry.name).symlink_to(entry)
    shutil.copytree(ROOT / "optral" / "detectors", package / "detectors", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    (package / "detectors" / "pods" / "clock_skewed.py").write_text(MADE_UP)
    registry = package / "detectors" / "pods" / "__init__.py"
    registry.write_text(
        registry.read_text()
        .replace("import (\n", "import (\n    clock_skewed,\n", 1)
        .replace("    oom_killed.DETECTOR,\n", "    oom_killed.DETECTOR,\n    clock_skewed.DETECTOR,\n", 1)
    )
    for optimize in ((), ("-OO",)):
        done = subprocess.run(
            [sys.executable, *optimize, "-c", ASK],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.stderr == ""
        assert done.stdout.strip() == "['ClockSkewed', 'DeploymentReplicasUnavailable']|['ClockSkewed']|['G1', 'G7']|True"
