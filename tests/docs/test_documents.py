"""Documents cannot rot: what they name exists, and what exists is named in them."""

import ast
import json
import re
import textwrap
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from deploy import api_pages
from optral import detectors
from optral.agent import settings as agent_settings
from optral.analysis.causes import CAUSES
from optral.api.pages import reference
from optral.cli.application import application
from optral.events.model import TYPES
from optral.runbooks.language import definition_reader, document
from optral.server import metrics, settings
from optral.terms import errors

ROOT = Path(__file__).parents[2]
GENERATED_FROM_COMMANDS = ROOT / "docs/cli.md"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("tests/**/*.md")])
PATH = re.compile(r"`((?:optral|tests|docs|contracts|proto|requirements|\.ci|[a-z]+/(?=[a-z_]+\.(?:py|md)))[\w./-]*)`")
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
# Kinds of errors that a caller of the REST API can see; Misconfigured stops a start and names its setting instead.
OTHER_DOORS = {"agent", "cli", "client", "demo", "kubeapi", "up"}  # their callers are people at a terminal
# Only those of terms/errors.py: what other modules derive depends on which of them is loaded.
KINDS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.OptralError)}
KINDS -= {"OptralError", "Misconfigured"}
COMMANDS = typer.main.get_command(application())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_paths_and_links_lead_somewhere(page: Path) -> None:
    text = page.read_text()
    named = {path.split("#")[0] for path in PATH.findall(text) if "<" not in path and "…" not in path}
    missing = sorted(path for path in named if "/" in path and not (ROOT / path).exists() and not (page.parent / path).exists())
    missing += sorted(link for link in LINK.findall(text) if not (page.parent / link).exists())
    assert missing == []


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        target
        for page in PAGES
        for target in re.findall(r"(?:`|^|\s)make ([a-z][a-z0-9-]+)(?=[`\s])", _commands(page.read_text()), re.MULTILINE)
    }
    assert named - targets == set()


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if page.parts[len(ROOT.parts)] != "tests" and page != GENERATED_FROM_COMMANDS],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_every_command_that_is_named_exists(page: Path) -> None:
    lines = re.sub(r"\\\n\s*", " ", _commands(page.read_text())).splitlines()
    found = {match[1] for line in lines for match in re.finditer(r"(?:^\$ |^|`|\s)optral ([a-z][^`|>#;&]*)", line)}
    assert sorted(problem for words in found if (problem := _unknown(words.split()))) == []


def test_every_setting_is_documented() -> None:
    assert (ROOT / "docs/settings.md").read_text() == settings.document()
    assert (ROOT / "docs/agent-settings.md").read_text() == agent_settings.document()


def test_every_metric_is_documented() -> None:
    assert (ROOT / "docs/metrics.md").read_text() == metrics.document()


def test_the_figures_of_the_readme_are_those_of_the_code() -> None:
    risks = sum(detector.tier == "risk" for detector in detectors.BY_TYPE.values())
    text = " ".join((ROOT / "README.md").read_text().split())
    for figure in (
        f"with {len(detectors.BY_TYPE) - risks} detectors",
        f"{risks} more report",
        f"{len(CAUSES)} [causes]",
        f"{len(list((ROOT / 'optral/runbooks/builtin').glob('*.yaml')))} built-in",
    ):
        assert figure in text


def test_the_site_has_every_operation_of_the_contract_with_its_shapes() -> None:
    pages = api_pages.pages()
    paths = json.loads((ROOT / "contracts/openapi.json").read_text())["paths"]
    text = "\n".join(pages.values())
    operations = [f"`{method.upper()} {path}`" for path, item in paths.items() for method in item if method in api_pages.METHODS]
    assert [one for one in operations if f"\n{one}\n" not in text] == []
    linked = set(re.findall(r"\(shapes\.md#(\w+)\)", text))
    assert linked - {name.lower() for name in re.findall(r"^## (\w+)$", pages[api_pages.SHAPES], re.MULTILINE)} == set()


def test_operations_events_and_permissions_are_documented() -> None:
    pages = reference.pages()
    assert {name: (reference.FOLDER / name).read_text() for name in pages} == pages, "run make contracts"


def test_every_error_code_is_documented() -> None:
    page = (ROOT / "docs/errors.md").read_text()
    tunnel = (ROOT / "proto/optral/agent/v1/tunnel.proto").read_text()  # defines the messages to agents
    files = [file for file in sorted((ROOT / "optral").rglob("*.py")) if file.relative_to(ROOT).parts[1] not in OTHER_DOORS]
    codes = {code for file in files for code in _codes(file)}
    codes |= {kind.default_code for kind in vars(errors).values() if getattr(kind, "__name__", None) in KINDS}
    assert sorted(code for code in codes if f"`{code}`" not in page and code not in tunnel) == []


def test_every_changed_lint_rule_of_the_dashboard_has_a_reason() -> None:
    config = json.loads((ROOT / "dashboard/biome.json").read_text())
    page = (ROOT / "docs/decisions/dashboard.md").read_text()
    linters = [config["linter"], *(override["linter"] for override in config["overrides"])]
    rules = {rule for linter in linters for group in linter["rules"].values() for rule in group}
    assert rules == set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))


def test_every_event_type_is_documented() -> None:
    page = (ROOT / "docs/api.md").read_text() + (ROOT / "contracts/events.json").read_text()
    assert sorted(name for name in TYPES if name not in page) == []


def test_every_detector_has_its_page() -> None:
    types = {detector.type for detector in detectors.DETECTORS}
    pages = {path.stem for path in (ROOT / "docs/detectors").glob("*.md")} - {"README"}
    assert types == pages


@pytest.mark.parametrize("detector", [one for one in detectors.DETECTORS if one.thresholds], ids=lambda one: one.type)
def test_every_threshold_is_on_the_page_of_its_type(detector: detectors.Detector) -> None:
    page = (ROOT / detector.page).read_text().splitlines()
    named = [line for line in page if line.startswith("| `")]
    assert named == [f"| `{name}` | {one.default} | {one.range} | {one.doc} |" for name, one in detector.thresholds.items()]


def test_every_dependency_has_its_reason() -> None:
    page = (ROOT / "docs/decisions/dependencies.md").read_text()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {re.split(r"[\[<>=!~ ]", dependency)[0] for dependency in project["dependencies"]}
    assert sorted(name for name in names if f"`{name}`" not in page) == []


def test_the_detector_that_the_guide_shows_is_the_one_in_the_code() -> None:
    page = (ROOT / "docs/how-to/detector.md").read_text()
    named = re.search(r"`(optral/detectors/\S+\.py)` finds", page)
    assert named is not None
    code = (ROOT / named[1]).read_text()
    shown = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(shown) == 2
    assert [block for block in shown if block not in code] == []


def test_the_runbook_that_the_guide_shows_is_valid() -> None:
    (shown,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/how-to/runbook.md").read_text(), re.DOTALL)
    assert definition_reader.read(document.read(textwrap.dedent("    " + shown.lstrip()))).slug == "restart-catalog"


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs/decisions"
    listed = set(LINK.findall((folder / "README.md").read_text()))
    assert listed == {path.name for path in folder.glob("*.md")} - {"README.md"}


def _commands(text: str) -> str:
    """What stands in code, inline or in a block: `make` in prose is a verb."""
    return "\n".join([*re.findall(r"```.*?```", text, re.DOTALL), *re.findall(r"`[^`\n]+`", text)])


def _unknown(words: list[str]) -> str:
    """What is wrong with a command line: a subcommand or an option that does not exist. Empty if nothing is, or if it is prose."""
    command: Any = COMMANDS
    names = ["optral"]
    while (inner := getattr(command, "commands", None)) and words:
        if words[0] not in inner:
            return "" if len(names) == 1 else f"{' '.join(names)} has no command {words[0]}"
        names.append(words[0])
        command, words = inner[words[0]], words[1:]
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)} | {"--help"}
    unknown = [word for word in words if re.fullmatch(r"--?[a-z][a-z-]*(=.*)?", word) and word.partition("=")[0] not in known]
    return f"{' '.join(names)} has no option {', '.join(unknown)}" if unknown else ""


def _codes(file: Path) -> Iterator[str]:
    """The codes of errors raised in a file: the first word handed to a kind of error."""
    text = file.read_text()
    if not any(f"{kind}(" in text for kind in KINDS):  # to parse every file takes a second
        return
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""
        code = node.args[0]
        if name in KINDS and isinstance(code, ast.Constant) and isinstance(code.value, str) and code.value:
            yield code.value
