"""Finds the words that docs/glossary.md refuses: in prose, strings, comments and identifiers of every file that people write.

`python -m tests.house.words` lists them, and lowers the counts in `words_allowed.txt` to what is left. It never raises one.
"""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
GLOSSARY = ROOT / "docs/glossary.md"
ALLOWED = Path(__file__).with_name("words_allowed.txt")
SUFFIXES = {".py", ".md", ".ts", ".tsx", ".css", ".html", ".proto", ".sh", ".toml", ".yaml", ".yml", ".ini"}
# Written by programs; or, as the glossary, obliged to name the words.
EXEMPT = (
    "contracts/",
    "optral/api/static/",
    "dashboard/src/api/schema.d.ts",
    "docs/cli.md",
    "docs/settings.md",
    "docs/glossary.md",
    "tests/house/",
)
# Names in the database, and keys of stored values, that only a migration could change. They count only as whole quoted strings.
STORED = frozenset({"issue_kin", "pk_issue_kin", "ix_issue_kin_cluster_id", "ailment", "heard"})
GAP = r"(?:[\s_#*]|//)+"  # between the words of a phrase: also a line break, inside a comment too
NAMED = re.compile(r"^\s*(?:export\s+)?(?:async\s+)?(?:def|class|function|type|interface)\s+_*(\w+)", re.MULTILINE)


class Banned(NamedTuple):
    """A word or phrase that is refused, and the term to use."""

    word: str
    term: str
    is_name_only: bool


class Offence(NamedTuple):
    """One use of a banned word. `line` counts from 1."""

    path: str
    line: int
    word: str
    term: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.word!r}; write: {self.term}"


def glossary(text: str) -> list[Banned]:
    """The words in code style of the last column of each table whose header ends with "do not use"."""
    banned: list[Banned] = []
    is_table = False
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            is_table = False
        elif cells[-1] == "do not use":
            is_table = True
        elif is_table:
            term = cells[0].replace("*", "")
            banned += [Banned(word, term, bool(name)) for word, name in re.findall(r"`([^`]+)`( \*\(name\)\*)?", cells[-1])]
    return banned


def offences(path: str, text: str, banned: list[Banned]) -> Iterator[Offence]:
    """Each use of a banned word in a file, in the order of the glossary."""
    lowered = text.lower()
    names = [(match.group(1), text.count("\n", 0, match.start(1)) + 1) for match in NAMED.finditer(text)]
    names.append((Path(path).stem.removeprefix("test_"), 1))
    for word, term, is_name_only in banned:
        if is_name_only:
            wanted = word.replace(" ", "_")
            yield from (Offence(path, line, name, term) for name, line in names if name == wanted)
        else:
            for match in _matches(word, text, lowered):
                if _quoted(text, match) in STORED:
                    continue
                used = " ".join(text[match.start() : match.end()].split())
                yield Offence(path, text.count("\n", 0, match.start()) + 1, used, term)


def folder(path: str) -> str:
    """The package that a file belongs to: `optral/issues`, `docs/decisions`, `tests/api`, `dashboard`; `.` for files at the top."""
    parts = path.split("/")[:-1]
    return "/".join(parts[: 1 if parts[:1] == ["dashboard"] else 2]) or "."


def found() -> list[Offence]:
    """All uses of banned words in the files that people write."""
    banned = glossary(GLOSSARY.read_text())
    return [use for path in _written() for use in offences(path, (ROOT / path).read_text(errors="replace"), banned)]


def allowed() -> dict[str, int]:
    """How many uses a folder still has; a folder that is not named has none."""
    if not ALLOWED.exists():
        return {}
    left: dict[str, int] = {}
    for line in ALLOWED.read_text().splitlines():
        count, name = line.split()
        left[name] = min(int(count), left.get(name, int(count)))  # a merge by union keeps both lines
    return left


def _matches(word: str, text: str, lowered: str) -> Iterator[re.Match[str]]:
    """The word with its endings, as a word of prose or as a part of an identifier (`is_told`, `isTold`, `TOLD`)."""
    first, *rest = word.split(" ")
    if first not in lowered:
        return
    ending = "" if rest else "(?:s|d|ing)?" if word.endswith("e") else "(?:s|es|ed|ing)?"
    for match in re.finditer(GAP.join(re.escape(part) for part in (first, *rest)) + ending, lowered):
        before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        used = text[match.start() : match.end()]
        starts = not before.isalpha() or (before.islower() and used[0].isupper())
        ends = not after.isalpha() or (after.isupper() and not used.isupper())
        if starts and ends:
            yield match


def _quoted(text: str, match: re.Match[str]) -> str | None:
    """The string literal of one word that contains the match; None if it is not part of one."""
    start, end = match.span()
    while text[start - 1].isalnum() or text[start - 1] == "_":
        start -= 1
    while text[end : end + 1].isalnum() or text[end : end + 1] == "_":
        end += 1
    is_quoted = text[start - 1 : start] == '"' == text[end : end + 1]
    return text[start:end] if is_quoted else None


def _written() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split("\0")
    names = listed if len(listed) > 1 else [str(path.relative_to(ROOT)) for path in ROOT.rglob("*")]  # a source tree without git
    return [name for name in names if Path(name).suffix in SUFFIXES and not name.startswith(EXEMPT) and (ROOT / name).is_file()]


def main() -> int:
    """List what is left and lower the counts; 1 when a count has risen."""
    uses, before = found(), allowed()
    counts = Counter(folder(offence.path) for offence in uses)
    risen = {name for name, count in counts.items() if count > before.get(name, 0)}
    chosen = sys.argv[1:]
    for offence in uses:
        if not chosen or any(offence.path.startswith(name) for name in chosen):
            print(offence)
    kept = {name: min(count, counts.get(name, 0)) for name, count in before.items()}
    ALLOWED.write_text("".join(f"{count} {name}\n" for name, count in sorted(kept.items()) if count))
    if risen:
        print("risen:", ", ".join(sorted(risen)), file=sys.stderr)
    return 1 if risen else 0


if __name__ == "__main__":
    sys.exit(main())
