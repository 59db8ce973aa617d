"""`optral eval` on a small folder of labeled clusters."""

import gzip
import json
import re
from pathlib import Path

import pytest

from tests.support import broken
from tests.support.commandline import optral, process

LABELS = {
    "crash": ("app/service-001", "keeps_crashing", "runtime"),
    "image": ("app/service-002", "no_such_image", "startup"),
    "hidden": ("app/service-000", "slow_network", "performance"),
}
MAPPING = {
    "keeps_crashing": {"types": ["CrashLoopBackOff"], "causes": ["application_error"]},
    "no_such_image": {"types": ["ImagePullBackOff"], "causes": ["image_tag_not_found"]},
    "slow_network": {},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three cases of ten workloads each, of which the labeled one alone is kept."""
    folder = tmp_path_factory.mktemp("labeled")
    (folder / "cases").mkdir()
    everything = list(broken.objects(workloads=10, each=7))
    for case, (target, _, _) in LABELS.items():
        wanted = target.partition("/")[2] if case != "hidden" else "nothing"
        mine = [one for one in everything if one["kind"] in ("Namespace", "Node") or wanted in json.dumps(one)]
        bundle = {"meta": {"now": broken.ago(0)}, "objects": {"apiVersion": "v1", "kind": "List", "items": mine}, "logs": {}}
        (folder / "cases" / f"{case}.json.gz").write_bytes(gzip.compress(json.dumps(bundle).encode()))
    answers = {
        case: {"faultObject": target, "rootCause": cause, "category": category} for case, (target, cause, category) in LABELS.items()
    }
    (folder / "answers.json").write_text(json.dumps(answers))
    (folder / "mapping.json").write_text(json.dumps(MAPPING))
    (folder / "beyond_objects.json").write_text(json.dumps({"metrics": ["hidden"]}))
    return folder


@pytest.mark.parametrize("workers", ["1", pytest.param("2", marks=pytest.mark.slow)])  # processes of its own
def test_scores_detection_and_analysis(folder: Path, tmp_path: Path, workers: str) -> None:
    result = tmp_path / "result.json"
    call = process if workers == "2" else optral
    done = call("eval", str(folder), "--mapping", str(folder / "mapping.json"), "--workers", workers, "--json", str(result), key="")
    assert (done.returncode, done.stderr) == (0, "")
    assert "all decidable from objects" in done.stdout
    found = json.loads(result.read_text())
    assert found["summary"]["all"]["cases"] == 2
    assert (found["summary"]["all"]["recall"], found["summary"]["all"]["precision"]) == (1.0, 1.0)
    assert found["summary"]["apart"]["metrics"] | {"cases": 1, "rightOrSilent": 1.0} == found["summary"]["apart"]["metrics"]
    image = next(case for case in found["cases"] if case["case"] == "image")
    assert image["answer"]["cause"] == "image_tag_not_found"
    assert image["a1"] is True
    assert found["summary"]["ms"]["n"] >= 2


def test_detection_alone_asks_for_no_cause(folder: Path) -> None:
    done = optral("eval", str(folder), "--mapping", str(folder / "mapping.json"), "--no-analysis", key="")
    assert done.returncode == 0
    assert "RECALL" in done.stdout
    assert "A@1" not in done.stdout


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        pytest.param({"answers.json": "{"}, "cannot use", id="broken answers"),
        pytest.param({"answers.json": '{"x": {"faultObject": "app/x", "rootCause": "y"}}'}, "no case in", id="answers to other cases"),
        pytest.param({"mapping.json": "{}"}, "lacks keeps_crashing, no_such_image, slow_network", id="unmapped"),
        pytest.param(
            {"mapping.json": json.dumps(MAPPING | {"no_such_image": {"causes": ["bad_luck"]}})}, "unknown causes: bad_luck", id="no cause"
        ),
    ],
)
def test_says_what_is_wrong_with_a_folder(folder: Path, tmp_path: Path, spoil: dict[str, str], says: str) -> None:
    (tmp_path / "cases").symlink_to(folder / "cases")
    for name in ("answers.json", "mapping.json"):
        (tmp_path / name).write_text(spoil.get(name) or (folder / name).read_text())
    done = optral("eval", str(tmp_path), "--mapping", str(tmp_path / "mapping.json"), key="")
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    done = optral("eval", str(tmp_path / "none"), "--mapping", "m.json", key="")
    assert done.returncode == 2
    assert re.search(r"cannot read \S*answers\.json", done.stderr)
