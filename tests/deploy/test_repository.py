"""What a public repository has: workflows that call targets of the Makefile with few rights, forms, hooks and a dev container."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
FORMS = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"))
TARGETS = set(re.findall(r"^(\.?[a-z0-9-]+(?:/\.[a-z]+)?):", (ROOT / "Makefile").read_text(), re.MULTILINE))
PAGES = ("README.md", "LICENSE", "CONTRIBUTING.md", "CODE_OF_CONDUCT.md", "SECURITY.md", "CHANGELOG.md", ".github/pull_request_template.md")


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.stem)
def workflow(request: pytest.FixtureRequest) -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load(request.param.read_text())
    return found


def steps(workflow: dict[Any, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_there(name: str) -> None:
    assert len((ROOT / name).read_text()) > 200


def test_workflows_may_only_read_unless_a_job_says_more(workflow: dict[Any, Any]) -> None:
    assert workflow["permissions"] == {"contents": "read"}
    wider = {name: job["permissions"] for name, job in workflow["jobs"].items() if "permissions" in job}
    assert wider in ({}, {"release": {"contents": "write"}})
    assert "pull_request_target" not in workflow[True]  # YAML 1.1 reads `on` as true; with it, a stranger's code would run with our rights


def test_actions_are_pinned_and_keep_no_credentials(workflow: dict[Any, Any]) -> None:
    for step in steps(workflow):
        if used := step.get("uses"):
            assert re.fullmatch(r"actions/[a-z-]+@(v\d+|[0-9a-f]{40})", used)
            assert not used.startswith("actions/checkout@") or step["with"] == {"persist-credentials": False}


def test_workflows_call_the_targets_that_contributors_call(workflow: dict[Any, Any]) -> None:
    called = [target for step in steps(workflow) for target in re.findall(r"^make ([\w-]+)", step.get("run", ""), re.MULTILINE)]
    assert called
    assert set(called) <= TARGETS


def test_scripts_take_text_of_others_from_the_environment(workflow: dict[Any, Any]) -> None:
    """A branch or a title in `${{ }}` inside a script is run by the shell."""
    assert [step["run"] for step in steps(workflow) if "${{" in step.get("run", "")] == []


def test_jobs_end(workflow: dict[Any, Any]) -> None:
    assert all(job["timeout-minutes"] <= 60 for job in workflow["jobs"].values())


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.stem)
def test_the_form_asks_questions(form: Path) -> None:
    content = yaml.safe_load(form.read_text())
    if form.stem == "config":
        assert set(content) == {"blank_issues_enabled"}
        return
    assert {"name", "description", "body"} <= set(content)
    ids = [field["id"] for field in content["body"] if field["type"] != "markdown"]
    assert len(ids) == len(set(ids)) > 0


def test_hooks_use_the_locked_tools() -> None:
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert repository["repo"] == "local"
    for hook in repository["hooks"]:
        assert (hook["language"], hook["entry"].split("/")[0]) == ("system", ".venv")
        for path in re.findall(r"tests/\S+\.py", hook["entry"]):
            assert (ROOT / path).exists()


def test_the_dev_container_is_set_up_by_make() -> None:
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text())
    assert container["postCreateCommand"].removeprefix("make ") in TARGETS
    assert re.search(r":\d", container["image"])
