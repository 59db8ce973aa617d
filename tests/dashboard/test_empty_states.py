"""Each page that can be empty says why, or what to do next: no empty state is a title alone."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "dashboard/src/pages"


def states(text: str) -> Iterator[tuple[str, bool]]:
    """The opening tag of each `<Empty>`, and whether it has text below its title."""
    for at in (found.start() for found in re.finditer(r"<Empty\s", text)):
        depth, end = 0, at
        while depth or text[end] != ">":
            depth += (text[end] == "{") - (text[end] == "}")
            end += 1
        yield " ".join(text[at : end + 1].split()), text[end - 1] != "/"


FOUND = [(path.relative_to(PAGES), tag, teaches) for path in sorted(PAGES.rglob("*.tsx")) for tag, teaches in states(path.read_text())]


def test_the_pages_with_empty_states_are_found() -> None:
    places = {str(path.parent) for path, _, _ in FOUND}
    assert {"activity", "clusters", "issues", "resources", "runbooks", "settings", "triggers"} <= places
    assert len(FOUND) > 40


@pytest.mark.parametrize(("tag", "teaches"), [pytest.param(tag, teaches, id=f"{path}: {tag[:50]}") for path, tag, teaches in FOUND])
def test_an_empty_state_has_a_reason_or_a_next_step(tag: str, teaches: bool) -> None:
    assert teaches, f"{tag} has a title only: say why it is empty, or what to do next"
