"""docs/architecture.md describes the code as it is: every package, the layers, every file it names, the number of kinds."""

import re
from collections import Counter
from configparser import ConfigParser
from pathlib import Path

import pytest

from optral.kube.kinds import KINDS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/architecture.md").read_text()
COUNTED = ["README.md", "docs/architecture.md"]


def layers() -> list[str]:
    """The layers of `.importlinter`, top first."""
    parser = ConfigParser()
    parser.read(ROOT / ".importlinter")
    return parser["importlinter:contract:packages"]["layers"].split("\n")[1:]


def test_edges_and_flows_import_no_repository() -> None:
    parser = ConfigParser()
    parser.read(ROOT / ".importlinter")
    forbidden = parser["importlinter:contract:front-door"]["forbidden_modules"].split()
    named = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in (ROOT / "optral").rglob("*_repository.py")}
    assert sorted(named - set(forbidden)) == [], "the linter has no pattern for a part of a name: list the module in .importlinter"


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def test_every_room_has_its_row() -> None:
    rows = re.findall(r"^\| `(\w+)/` \|", PAGE, re.MULTILINE)
    packages = [package.strip() for layer in layers() for package in layer.split("|")]
    assert sorted(rows) == sorted(packages)


def test_the_layers_are_those_of_the_import_linter() -> None:
    drawn = PAGE.split("```")[1].strip().splitlines()
    assert drawn == layers()


def test_every_file_that_is_named_exists() -> None:
    named = set(re.findall(r"`((?:optral|dashboard|tests|lab|docs)/[\w./-]+)`", PAGE))
    assert sorted(path for path in named if not (ROOT / path).exists()) == []


def test_every_folder_of_flows_has_its_walk() -> None:
    walks = {path.name for path in (ROOT / "optral/flows").iterdir() if path.is_dir() and path.name != "__pycache__"}
    named = set(re.findall(r"`optral/flows/(\w+)/", PAGE.replace(section("Where a change goes"), "")))
    assert walks - named == {"clusters", "people"}, "describe the use case on the page, or list it here when it has no walk"


def test_no_section_stands_twice() -> None:
    titles = Counter(re.findall(r"^## (.+)$", PAGE, re.MULTILINE))
    assert [title for title, count in titles.items() if count > 1] == []


@pytest.mark.parametrize("page", COUNTED)
def test_kinds_are_counted_right(page: str) -> None:
    text = (ROOT / page).read_text()
    counts = {int(count) for count in re.findall(r"\bkinds \((\d+)\)|\b(\d+) kinds\b", text) for count in count if count}
    assert counts == {len(KINDS)}


@pytest.mark.parametrize(
    "change",
    [
        "a detector", "a grouping rule", "a cause", "redaction", "an event type", "the JSON of an issue event", "a verb", "a setting",
        "a rate limit", "a watched kind", "a column", "a dashboard page", "the text of a Slack message", "audit records", "the fingerprint",
    ],
)  # fmt: skip
def test_the_page_says_where_a_change_goes(change: str) -> None:
    rows = [row for row in section("Where a change goes").splitlines() if row.startswith("|") and change in row.split("|")[1]]
    assert len(rows) == 1
    assert re.search(r"`(?:optral|dashboard)/", rows[0])
