"""Measures of the code, side by side for several revisions: `python -m tests.house.measures [REVISION...]`; the working tree comes last.

Complexity is McCabe's as radon counts it: each decision, boolean operator, conditional expression and comprehension adds one.
Lengths are lines of code from `def` to the last statement. `tests/house/test_measures.py` holds the limits.
"""

import ast
import io
import re
import statistics
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from radon.complexity import cc_visit
from radon.visitors import Function

ROOT = Path(__file__).parents[2]
GENERATED = ("optral/wire/agent/", "optral/store/migrations/versions/")
LONG_FILE_LINES = 400
CATCH_ALLS = frozenset({"Exception", "BaseException"})


@dataclass(frozen=True, slots=True)
class Measured:
    """A function: where it is, its cyclomatic complexity, its length in lines."""

    place: str
    complexity: int
    lines: int


class Tree:
    """The Python files of one revision below `optral/`, without generated ones and without migrations."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def texts(self) -> dict[str, str]:
        files = {str(path.relative_to(self.root)): path for path in sorted((self.root / "optral").rglob("*.py"))}
        return {name: path.read_text() for name, path in files.items() if not name.startswith(GENERATED)}

    @cached_property
    def modules(self) -> dict[str, ast.Module]:
        return {name: ast.parse(text) for name, text in self.texts.items()}

    @cached_property
    def functions(self) -> list[Measured]:
        return [
            Measured(f"{name}:{one.name}", one.complexity, one.endline - one.lineno) for name in self.texts for one in self._blocks(name)
        ]

    def _blocks(self, name: str) -> Iterator[Function]:
        for block in cc_visit(self.texts[name]):
            if isinstance(block, Function):
                yield block
                yield from block.closures

    @cached_property
    def handlers(self) -> list[tuple[str, int, bool]]:
        """(file, line, whether it catches everything) of each `except`."""
        return [
            (name, node.lineno, _catches_all(node.type))
            for name, module in self.modules.items()
            for node in ast.walk(module)
            if isinstance(node, ast.ExceptHandler)
        ]

    def count(self, pattern: str, *, below: Sequence[str] = ("optral/",)) -> int:
        """How often a regular expression matches in the files below these folders."""
        compiled = re.compile(pattern, re.MULTILINE)
        return sum(len(compiled.findall(text)) for name, text in self.texts.items() if name.startswith(tuple(below)))

    def floats(self, *, below: Sequence[str]) -> int:
        """Literals with a decimal point."""
        return sum(
            isinstance(node, ast.Constant) and type(node.value) is float
            for name, module in self.modules.items()
            if name.startswith(tuple(below))
            for node in ast.walk(module)
        )

    def imports(self) -> tuple[int, int]:
        """Import statements of Optral's modules, and how many of them stand inside functions."""
        every = inside = 0
        for module in self.modules.values():
            every += sum(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(module))
            inside += sum(
                isinstance(node, ast.Import | ast.ImportFrom)
                for function in ast.walk(module)
                if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
                for node in ast.walk(function)
            )
        return every, inside


def _catches_all(type_: ast.expr | None) -> bool:
    if type_ is None:
        return True
    return bool({node.id for node in ast.walk(type_) if isinstance(node, ast.Name)} & CATCH_ALLS)


def at_revision(revision: str, folder: Path) -> Tree:
    """The tree of a revision, unpacked below `folder`."""
    packed = subprocess.run(["git", "archive", revision, "optral"], cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return Tree(folder)


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} = {100 * part / whole:.1f} %"


def _spread(values: Sequence[int]) -> str:
    return f"{statistics.median(values):.0f} · {statistics.quantiles(values, n=20)[-1]:.0f} · {max(values)}"


def _lines(tree: Tree) -> list[int]:
    return [text.count("\n") for text in tree.texts.values()]


MEASURES: dict[str, Callable[[Tree], object]] = {
    "files, lines": lambda tree: f"{len(tree.texts)}, {sum(_lines(tree))}",
    "lines of a function: median · p95 · max": lambda tree: _spread([one.lines for one in tree.functions]),
    "complexity: median · p95 · max": lambda tree: _spread([one.complexity for one in tree.functions]),
    "functions over 15": lambda tree: sum(one.complexity > 15 for one in tree.functions),
    f"files over {LONG_FILE_LINES} lines": lambda tree: sum(lines > LONG_FILE_LINES for lines in _lines(tree)),
    "catch-all handlers": lambda tree: _share(sum(one[2] for one in tree.handlers), len(tree.handlers)),
    "imports inside functions": lambda tree: _share(*reversed(tree.imports())),
    "decimals in analysis/rules": lambda tree: tree.floats(below=("optral/analysis/rules/",)),
    "hubs at module level": lambda tree: tree.count(r"^\w+(?:: [^=]+)? = Hub\b"),
    "names bound to made, said, told, found, one": lambda tree: (
        tree.count(r"\b(?:made|said|told|found|one)\b(?::[^=\n]+)? ?:?= ") + tree.count(r"\bfor (?:made|said|told|found|one) in ")
    ),
    "functions named told, made, said, heard, tried, mended": lambda tree: tree.count(
        r"def _?\w*(?:told|made|said|heard|tried|mended|asked)\b"
    ),
    "private members of FastAPI": lambda tree: tree.count(r"fastapi\.\w*\._|from fastapi[\w.]* import .*\b_\w+|_compat"),
    "places that write RFC 3339": lambda tree: tree.count(r"isoformat\(|strftime\(\"%Y"),
}


def main(revisions: Sequence[str]) -> None:
    """Print the table in Markdown."""
    with tempfile.TemporaryDirectory() as folder:
        trees = {revision: at_revision(revision, Path(folder) / str(number)) for number, revision in enumerate(revisions)}
        trees["now"] = Tree(ROOT)
        print("| measure | " + " | ".join(trees) + " |\n" + "|---" * (1 + len(trees)) + "|")
        for name, measure in MEASURES.items():
            print(f"| {name} | " + " | ".join(str(measure(tree)) for tree in trees.values()) + " |")


if __name__ == "__main__":
    main(sys.argv[1:])
