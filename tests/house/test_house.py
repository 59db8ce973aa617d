"""The house rules that a tool can hold: one way for imports, nothing of one machine in the files, nothing left unfinished."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Collection
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
TEXT = {".py", ".md", ".toml", ".txt", ".in", ".sh", ".proto", ".json", ".yaml", ".yml", ".ini", ".pyi", ""}
MACHINE = re.compile(r"(?<![\w.])/(?:home|root|Users|work|mnt)/[\w.-]+")
HOST = re.compile(r"https?://|--(?:extra-)?index-url|--find-links", re.IGNORECASE)
TESTS = ("tests/", "lab/")
UNFINISHED = re.compile(r"\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK", "W" + "IP")) + r")\b")


def tracked() -> list[Path]:
    """The files of the repository, or of the source tree where there is no git."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return {str(path.relative_to(ROOT)): path.read_text(errors="replace") for path in tracked() if path.suffix in TEXT}


@pytest.mark.slow
def test_imports_go_one_way() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_no_file_knows_the_machine_it_was_written_on(texts: dict[str, str]) -> None:
    assert {name: found.group() for name, text in texts.items() if (found := MACHINE.search(text))} == {}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_locks_hold_hashes_and_no_addresses(lock: Path) -> None:
    text = lock.read_text()
    assert HOST.search(text) is None
    pinned = re.findall(r"^[\w.\[\]-]+==", text, re.MULTILINE)
    assert pinned
    assert text.count("--hash=sha256:") >= len(pinned)


def test_nothing_is_left_unfinished(texts: dict[str, str]) -> None:
    found = {name: match.group() for name, text in texts.items() if name != "LICENSE" and (match := UNFINISHED.search(text))}
    assert found == {}


def test_no_private_key_lies_around(texts: dict[str, str]) -> None:
    begin = "-----BEGIN " + "PRIVATE KEY-----"
    assert [name for name, text in texts.items() if begin in text and not name.startswith(TESTS)] == []


def test_scripts_can_be_run() -> None:
    scripts = [ROOT / ".ci/run", *sorted((ROOT / "tests/cluster").glob("*.sh"))]
    assert [path.name for path in scripts if not os.access(path, os.X_OK)] == []


def test_no_test_replaces_a_part_of_asyncio(texts: dict[str, str]) -> None:
    """The loop is shared by the tests of a worker: a sleep that does not wait leaves a server of another fixture spinning for ever."""
    patched = re.compile(r"setattr\((?:\w+\.)*asyncio,|setattr\(\"asyncio\.")
    assert [name for name, text in texts.items() if name.startswith(TESTS) and patched.search(text)] == []


def test_only_the_lab_imports_the_lab(texts: dict[str, str]) -> None:
    """What measures, labels and generates may use everything; nothing that users run or that tests a package depends on it."""
    imported = re.compile(r"^\s*(?:from|import) lab\b", re.MULTILINE)
    assert [name for name, text in texts.items() if not name.startswith("lab/") and imported.search(text)] == []


@pytest.mark.slow  # reads every file
def test_no_ring_of_modules() -> None:
    """Imports inside functions count too: they only hide a ring. Those for type checking alone do not."""
    imports = {_module(path): _imports(path) for path in sorted((ROOT / "optral").rglob("*.py"))}
    known = {name: {_known(target, imports) for target in targets} - {name, ""} for name, targets in imports.items()}
    order = TopologicalSorter(known)
    try:
        order.prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def _module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _known(target: str, modules: Collection[str]) -> str:
    """The module that an imported name is, or that defines it."""
    return next((name for name in (target, target.rpartition(".")[0]) if name in modules), "")


def _imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.body = [ast.Pass()]
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path} imports by a relative name"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.startswith("optral.")}
