"""The everyday loop (`make check`) loads only the files of which it runs something, samples long tables, and begins with what changed."""

from pathlib import Path, PurePath
from typing import Any

import pytest

from tests.support import examples


@pytest.mark.parametrize(
    ("text", "is_left_out"),
    [
        pytest.param("pytestmark = pytest.mark.slow\n", True, id="slow as a whole"),
        pytest.param("pytestmark = [pytest.mark.slow, pytest.mark.kubeapi]\n", True, id="and more"),
        pytest.param("pytestmark = pytest.mark.slower\n", False, id="another mark"),
        pytest.param("@pytest.mark.slow\ndef test_one() -> None: ...\n", False, id="one slow test"),
        pytest.param("def test_one() -> None: ...\n", False, id="none"),
    ],
)
def test_a_file_that_is_slow_as_a_whole_is_not_even_loaded(
    text: str, is_left_out: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, helper = tmp_path / "test_it.py", tmp_path / "conftest.py"
    for one in (path, helper):
        one.write_text(text)
    monkeypatch.setattr(examples, "_everyday", True)
    assert (examples.is_left_out(path), examples.is_left_out(helper)) == (is_left_out, False)
    monkeypatch.setattr(examples, "_everyday", False)
    assert not examples.is_left_out(path)


class Case:
    """As much of a collected test as the choice looks at."""

    def __init__(self, nodeid: str) -> None:
        self.nodeid, self.path, self.marks = nodeid, Path(nodeid.partition("::")[0]), set[str]()

    def add_marker(self, mark: str) -> None:
        self.marks.add(mark)

    def get_closest_marker(self, mark: str) -> str | None:
        return mark if mark in self.marks else None


def chosen(items: list[Any], changed: set[str], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(examples, "_everyday", True)
    monkeypatch.setattr(examples, "changed_files", lambda: frozenset(map(PurePath, changed)))
    examples.thin_out(items)
    return [item.nodeid for item in items if not item.marks]


def test_long_tables_with_the_same_ids_keep_the_same_tenth(monkeypatch: pytest.MonkeyPatch) -> None:
    items = [Case(f"tests/kube/test_{file}.py::test_it[case{n}]") for file in "ab" for n in range(1000)]
    kept = chosen(items, set(), monkeypatch)
    assert len(kept) == 200
    assert {id_.replace("test_a", "test_b") for id_ in kept if "test_a" in id_} == {id_ for id_ in kept if "test_b" in id_}


def test_short_tables_and_tables_of_a_changed_file_run_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    short = [Case(f"tests/kube/test_a.py::test_it[{n}]") for n in range(examples.LONG_TABLE)]
    long = [Case(f"tests/kube/test_b.py::test_it[{n}]") for n in range(500)]
    assert len(chosen([*short, *long], {"tests/kube/test_b.py"}, monkeypatch)) == len(short) + len(long)


def test_what_a_change_affects_runs_first(monkeypatch: pytest.MonkeyPatch) -> None:
    files = ["tests/access/test_x.py", "tests/kube/test_a.py", "tests/kube/objects/test_pod.py", "tests/cli/test_mine.py"]
    changed = {"optral/kube/objects/pod.py", "tests/cli/test_mine.py", "README.md"}
    order = chosen([Case(f"{file}::test_it") for file in files], changed, monkeypatch)
    assert [id_.partition("::")[0] for id_ in order] == [files[3], files[2], files[1], files[0]]


def test_a_third_of_the_paths_through_packages_run_where_no_change_is_near(monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [f"tests/{package}/test_a.py::test_{n}" for package in ("api", "flows") for n in range(500)]
    own = [f"tests/kube/test_a.py::test_{n}" for n in range(20)]
    kept = chosen([Case(id_) for id_ in [*paths, *own]], {"optral/flows/x.py"}, monkeypatch)
    assert [id_ for id_ in kept if "/api/" not in id_] == [*paths[500:], *own]
    assert 130 < sum("/api/" in id_ for id_ in kept) < 210
