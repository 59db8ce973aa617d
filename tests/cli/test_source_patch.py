"""The plan of an execution as a patch of the files that a GitOps tool applies, with a real `git apply`."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.test_runbooks import EXECUTION, Server, url as url
from tests.gitops.shop_chart import CHART, release
from tests.gitops.test_locate import BASE_ONLY, PATCH
from tests.setup import helm as program
from tests.support.commandline import optral

ID = str(EXECUTION["id"])
MEMORY = "spec.template.spec.containers[app].resources.limits.memory"
WRITE = {"name": "Raise", "object": {"kind": "Deployment", "namespace": "shop", "name": "web"}, "isWrite": True}
PLAN = {"steps": [WRITE], "diff": [{"step": "Raise", "path": MEMORY, "from": "192Mi", "to": "256Mi"}]}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with a base and an overlay whose patch sets the limit."""
    overlay = {
        "prod/kustomization.yaml": "resources: [../base]\nnamespace: shop\npatches: [{path: memory.yaml}]\n",
        "prod/memory.yaml": PATCH,
    }
    for path, text in {**BASE_ONLY, **overlay}.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    return tmp_path


@pytest.fixture
def plan(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, object]]:
    plan = dict(PLAN)
    monkeypatch.setitem(EXECUTION, "plan", plan)
    yield plan
    assert Server.bodies == []  # nothing is requested of the server


def test_the_patch_applies_and_changes_one_line(url: str, plan: object, checkout: Path) -> None:
    done = optral("executions", "patch", ID, str(checkout), "--path", "prod", url=url)
    assert (done.returncode, done.stderr) == (0, "")
    subprocess.run(["git", "apply"], input=done.stdout.encode(), cwd=checkout, check=True)
    assert (checkout / "prod/memory.yaml").read_text() == PATCH.replace("192Mi", "256Mi")


def test_the_folder_is_the_one_that_the_plan_names(url: str, plan: dict[str, object], checkout: Path) -> None:
    plan["managers"] = [{"step": "Raise", "kind": "argocd", "name": "shop", "source": {"path": "prod"}}]
    done = optral("executions", "patch", ID, str(checkout), url=url)
    assert done.returncode == 0 and "+++ b/prod/memory.yaml" in done.stdout


def test_write_edits_the_file_and_names_it(url: str, plan: object, checkout: Path) -> None:
    done = optral("executions", "patch", ID, str(checkout), "--path", "prod", "--write", url=url)
    assert (done.returncode, done.stdout) == (0, "prod/memory.yaml\n")
    assert (checkout / "prod/memory.yaml").read_text() == PATCH.replace("192Mi", "256Mi")


def test_it_notes_that_a_base_serves_other_overlays(url: str, plan: dict[str, object], checkout: Path) -> None:
    plan["diff"] = [{"step": "Raise", "path": "spec.replicas", "from": 1, "to": 2}]
    done = optral("executions", "patch", ID, str(checkout), "--path", "prod", url=url)
    assert done.returncode == 0
    assert done.stderr == "note: base/web.yaml is outside prod: other folders may build from it, too\n"


@pytest.mark.parametrize(
    ("diff", "folder", "say"),
    [
        ([{"step": "Raise", "path": MEMORY, "from": "128Mi", "to": "256Mi"}], "prod", "is '192Mi' in the file and '128Mi' in the cluster"),
        (PLAN["diff"], "staging", "No file in staging describes Deployment shop/web"),
        ([], "prod", "changes nothing that source files could hold"),
    ],
)
def test_what_cannot_be_edited_is_said_and_nothing_is_written(
    url: str, plan: dict[str, object], checkout: Path, diff: object, folder: str, say: str
) -> None:
    plan["diff"] = diff
    done = optral("executions", "patch", ID, str(checkout), "--path", folder, "--write", url=url)
    assert (done.returncode, done.stdout) == (1, "")
    assert say in done.stderr
    assert (checkout / "prod/memory.yaml").read_text() == PATCH


@pytest.fixture
def helm_checkout(tmp_path: Path, plan: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a release whose chart is elsewhere, and a plan that names it; the chart is in the folder `pulled`."""
    monkeypatch.setenv("PATH", str(program.find().parent), prepend=":")
    elsewhere = "chart: {spec: {chart: web, version: 0.1.0, sourceRef: {kind: HelmRepository, name: shop}}}\n"
    files = {path.replace("charts/web", "pulled"): text for path, text in CHART.items()}
    for path, text in {**files, "deploy/fleet/web.yaml": release(elsewhere + "values: {replicas: 2} # two\n")}.items():
        (tmp_path / path).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / path).write_text(text)
    source = {"path": "fleet", "chart": "web", "helm": {"kind": "HelmRelease", "namespace": "shop", "name": "web", "path": "fleet"}}
    plan["managers"] = [
        {"step": "Raise", "kind": "flux", "name": "web", "source": source},
        {"step": "Raise", "kind": "helm", "name": "web"},
    ]
    plan["diff"] = [{"step": "Raise", "path": "spec.replicas", "from": 2, "to": 3}]
    return tmp_path


def test_a_chart_that_is_not_in_the_repository_is_given(url: str, helm_checkout: Path) -> None:
    done = optral("executions", "patch", ID, str(helm_checkout / "deploy"), url=url)
    assert done.returncode == 1 and "The chart web is not in the repository, and no chart is downloaded here: run helm pull" in done.stderr
    subprocess.run([str(program.find()), "package", "pulled"], cwd=helm_checkout, check=True, capture_output=True)
    for chart in ("pulled", "web-0.1.0.tgz"):
        done = optral("executions", "patch", ID, str(helm_checkout / "deploy"), "--chart", str(helm_checkout / chart), url=url)
        assert done.returncode == 0, done.stderr
        assert "-  values: {replicas: 2} # two\n+  values: {replicas: 3} # two\n" in done.stdout
        assert done.stderr == "note: Helm renders exactly the planned change from replicas in fleet/web.yaml\n"


def test_a_file_that_is_no_chart_is_refused(url: str, helm_checkout: Path) -> None:
    (helm_checkout / "web.tgz").write_text("nothing")
    done = optral("executions", "patch", ID, str(helm_checkout / "deploy"), "--chart", str(helm_checkout / "web.tgz"), url=url)
    assert done.returncode == 1 and "web.tgz is not a packaged chart (.tgz)" in done.stderr


def test_without_a_plan_it_says_to_wait(url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(EXECUTION, "plan", None)
    done = optral("executions", "patch", ID, str(tmp_path), url=url)
    assert done.returncode == 1 and "no plan yet" in done.stderr
