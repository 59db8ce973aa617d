"""Scores the health rules on labeled custom resources: `python -m lab.tools.health FOLDER [--apart FILE] [--verbose]`.

FOLDER holds `cases.jsonl.gz`, one JSON a line: `{"id", "group", "kind", "expected", "object"}`, where `expected` is Healthy, Progressing,
Degraded, Suspended, Missing or Unknown. Found is the share of the degraded that the rules call degraded, false the share of the others.
"Conventions only" counts every kind as unknown, which is what a kind without rules gets. `--apart` names a JSON list of ids whose label is
disputed; they are counted separately. Time plays no part: how long a state may last is the matter of the detector.
"""

import argparse
import gzip
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from optral.kube import health
from optral.kube.health import State, table
from optral.kube.objects import kind_id_of


class Case(NamedTuple):
    id: str
    group: str
    kind: str
    expected: str
    tree: dict[str, Any]

    @property
    def kind_id(self) -> str:
        return kind_id_of(str(self.tree.get("apiVersion")), self.kind)


class Score(NamedTuple):
    """`found` of `degraded` are called degraded, and `false` of `others`."""

    found: int
    degraded: int
    false: int
    others: int

    def __str__(self) -> str:
        recall, wrong = self.found / max(self.degraded, 1), self.false / max(self.others, 1)
        return f"found {self.found}/{self.degraded} ({recall:.1%}), false {self.false}/{self.others} ({wrong:.1%})"


def load(folder: Path) -> list[Case]:
    with gzip.open(folder / "cases.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [Case(row["id"], row["group"], row["kind"], row["expected"], row["object"]) for row in rows]


def is_called(case: Case, *, use_table: bool = True) -> bool:
    return health.assess(case.kind_id, case.tree, use_table=use_table).state is State.DEGRADED


def score(cases: Iterable[Case], *, use_table: bool = True) -> Score:
    counted = Counter((case.expected == "Degraded", is_called(case, use_table=use_table)) for case in cases)
    return Score(
        counted[True, True], counted[True, True] + counted[True, False], counted[False, True], counted[False, True] + counted[False, False]
    )


def report(cases: Sequence[Case], *, apart: frozenset[str] = frozenset()) -> list[str]:
    judged = [case for case in cases if case.id not in apart]
    with_row = [case for case in judged if table.rules_of(case.kind_id)]
    without_row = [case for case in judged if not table.rules_of(case.kind_id)]
    lines = [
        f"whole                        {score(judged)}",
        f"conventions only             {score(judged, use_table=False)}",
        f"kinds with rules             {score(with_row)}",
        f"  conventions only           {score(with_row, use_table=False)}",
        f"kinds without rules          {score(without_row)}",
    ]
    if apart:
        lines.append(f"apart                        {score([case for case in cases if case.id in apart])}")
    return lines


def misses(cases: Iterable[Case]) -> list[str]:
    """One line a group: what was not found or wrongly called."""
    by_group: defaultdict[str, list[str]] = defaultdict(list)
    for case in cases:
        answer = health.assess(case.kind_id, case.tree)
        if (case.expected == "Degraded") is not (answer.state is State.DEGRADED):
            by_group[case.group].append(
                f"  {case.id}: {case.expected}, called {answer.state} by {answer.shown_by or 'nothing'} {answer.reason}"
            )
    return [line for group, found in sorted(by_group.items()) for line in (group, *found)]


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="Score the health rules on labeled custom resources.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--apart", type=Path, help="JSON list of ids that are counted separately")
    parser.add_argument("--verbose", action="store_true", help="list each miss")
    given = parser.parse_args(arguments)
    cases = load(given.folder)
    apart = frozenset(json.loads(given.apart.read_text())) if given.apart else frozenset()
    lines = report(cases, apart=apart) + (misses(cases) if given.verbose else [])
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
