"""Mutation testing of the code that judges, decides and redacts: `make mutants ARGS="redact verifier"`; without names, all targets.

mutmut changes one thing at a time in a copy of the tree and asks the target's tests. A change that no test notices survives.
Prints a table and writes the survivors' diffs beside the copy, for people to read: each is a missing test or a change without a meaning.
Slow tests are left out, and those on PostgreSQL where the code does not know its engine.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "optral" / "mutants"
GOAL = 85  # per cent killed
KILLED = ("killed", "timeout", "segfault")
LIMIT_S = 3600 * 3


@dataclass(frozen=True, slots=True)
class Target:
    """What is changed, and the tests that are asked."""

    sources: tuple[str, ...]
    tests: tuple[str, ...]
    on_postgres: bool = False
    prebuilt: tuple[str, ...] = ()
    """Functions that only build statements while their module is imported: a mutant of them is chosen too late to be seen."""


TARGETS = {
    "limiter": Target(
        ("optral/access/limiter.py",), ("tests/access/test_limiter.py", "tests/access/test_limiter_edges.py"), on_postgres=True
    ),
    "issues": Target(
        ("optral/issues/lifecycle/conditions.py", "optral/issues/lifecycle/lifecycle.py", "optral/issues/model.py"), ("tests/issues",)
    ),
    "runbooks": Target(
        ("optral/runbooks/model.py", "optral/runbooks/executions/decisions.py", "optral/runbooks/executions/requests.py"),
        ("tests/runbooks", "tests/flows/executions"),
    ),
    "commands": Target(("optral/commands/*.py",), ("tests/commands",)),
    "events": Target(("optral/events/*.py",), ("tests/events",), prebuilt=("_advance", "_after")),
    "redact": Target(("optral/kube/redact*",), ("tests/kube/test_redact.py", "tests/kube/test_prune.py")),
    "diff": Target(("optral/kube/diff.py",), ("tests/kube/test_diff.py",)),
    "grouping": Target(("optral/grouping/*.py",), ("tests/grouping",)),
    "verifier": Target(
        ("optral/analysis/engine/verifier.py",), ("tests/analysis/engine/test_verifier.py", "tests/analysis/test_verifier_edges.py")
    ),
}


def main(names: Sequence[str]) -> int:
    """Run the named targets, or all. 1 when a target has fewer than `GOAL` per cent killed."""
    if unknown := sorted(set(names) - set(TARGETS)):
        print(f"unknown target {', '.join(unknown)}; choose from {', '.join(TARGETS)}", file=sys.stderr)
        return 2
    print("| target | mutants | killed | survived | not covered |\n|---|---|---|---|---|", flush=True)
    is_short = False
    for name in names or TARGETS:
        counts = _run(name, TARGETS[name])
        total = sum(counts.values())
        killed = sum(counts[status] for status in KILLED)
        share = 100 * killed / total if total else 0.0
        is_short = is_short or share < GOAL
        print(f"| {name} | {total} | {killed} ({share:.1f} %) | {counts['survived']} | {counts['no tests']} |", flush=True)
    return int(is_short)


def _run(name: str, target: Target) -> Counter[str]:
    folder = CACHE / name
    _copy(folder, target)
    environment = {**os.environ, "TERM": "dumb"}
    with (folder / "mutmut.log").open("w") as log:
        subprocess.run([_mutmut(), "run"], cwd=folder, stdout=log, stderr=log, env=environment, timeout=LIMIT_S, check=False)
    listed = subprocess.run(
        [_mutmut(), "results", "--all", "true"], cwd=folder, capture_output=True, text=True, env=environment, timeout=600, check=False
    )
    results = dict(re.findall(r"^\s*(\S+): (.+?)\s*$", listed.stdout, re.MULTILINE))
    if not results:
        raise SystemExit(f"mutmut ended without results for {name}: read {folder / 'mutmut.log'}")
    _write_survivors(folder, [mutant for mutant, status in results.items() if status in ("survived", "no tests")])
    return Counter(status for mutant, status in results.items() if not _is_prebuilt(mutant, target))


def _is_prebuilt(mutant: str, target: Target) -> bool:
    function = mutant.rpartition(".")[2].partition("__mutmut_")[0].removeprefix("x_")
    return function in target.prebuilt


def _copy(folder: Path, target: Target) -> None:
    """The tracked files, and mutmut's configuration at the end of pyproject.toml."""
    shutil.rmtree(folder, ignore_errors=True)
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file() and not name.startswith(("dashboard/", "optral/api/static/")):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    settings = {
        "source_paths": ["optral/"],
        "process_isolation": "forkserver",  # statements that a first run has cached would hide what a mutant changes
        "only_mutate": list(target.sources),
        "pytest_add_cli_args_test_selection": list(target.tests),
        "pytest_add_cli_args": [
            "-m",
            "not slow and not kubeapi and not cluster",
            *([] if target.on_postgres else ["-k", "not postgres"]),
            "-p",
            "no:xdist",
            "-p",
            "no:timeout",
        ],
        "also_copy": ["proto", "contracts", "docs", "Makefile"],
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    project = folder / "pyproject.toml"
    without_timeout = re.sub(r"^timeout = .*\n", "", project.read_text(), flags=re.MULTILINE)
    project.write_text(without_timeout + "\n[tool.mutmut]\n" + "\n".join(lines) + "\n")


def _write_survivors(folder: Path, mutants: Sequence[str]) -> None:
    with (folder / "survivors.diff").open("w") as out:
        for mutant in mutants:
            shown = subprocess.run([_mutmut(), "show", mutant], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
            out.write(f"{mutant}\n{shown.stdout}\n")


def _mutmut() -> str:
    return str(Path(sys.executable).with_name("mutmut"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
