"""`python -m deploy.audit [--offline]`: hashes, licenses and known vulnerabilities of the locked dependencies.

Exit codes: 0 everything was checked and is good, 1 something is wrong, 2 the vulnerabilities could not be checked. `--offline` checks the
rest and says what was left out. Vulnerabilities come from OSV (https://osv.dev), which is asked by name and version alone.
"""

import argparse
import json
import os
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from deploy.images import recipe

OSV = "https://api.osv.dev"
DEADLINE_S = 30
RUNTIME = ("server.txt", "agent.txt")
"""The locks of what users run; their licenses are checked."""
ALLOWED = frozenset(
    {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python", "ISC", "LGPL-3.0-only", "MIT", "MIT-0", "MPL-2.0"}
    | {"PSF-2.0", "Python-2.0", "Unlicense"}
)
"""LGPL only for psycopg, which is a library that we import and do not change."""
ELSEWHERE = "not installed here"
_CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
}
_FREE_TEXT = {
    "3-clause bsd license": "BSD-3-Clause",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache-2.0": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "mit": "MIT",
    "mit license": "MIT",
}
_OVERRIDES = {"pyrage": "MIT"}
"""For packages whose metadata name no license; the value was read in their sources."""
_REQUIREMENT = re.compile(r"^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==([^\s;\\]+)")


@dataclass(frozen=True, slots=True, order=True)
class Package:
    """One locked package."""

    name: str
    version: str


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.audit")
    parser.add_argument("--offline", action="store_true", help="do not ask for known vulnerabilities")
    options = parser.parse_args()
    sys.exit(audit(sorted((recipe.ROOT / "requirements").glob("*.txt")), osv=None if options.offline else os.environ.get("OSV_URL", OSV)))


def audit(locks: Sequence[Path], *, osv: str | None) -> int:
    """Print what was found; returns the exit code."""
    unhashed = [f"{lock.name}: {line}" for lock in locks for line in without_hash(lock.read_text())]
    _report("hashes", unhashed, f"every package in {len(locks)} locks has hashes")
    runtime = sorted({package for lock in locks if lock.name in RUNTIME for package in packages(lock.read_text())})
    licenses = {package: license_of(package.name) for package in runtime}
    refused = [f"{package.name} {package.version}: {found or 'unknown'}" for package, found in licenses.items() if not is_allowed(found)]
    for package, found in licenses.items():
        print(f"  {package.name} {package.version}: {found or 'unknown'}")
    elsewhere = [package.name for package, found in licenses.items() if found == ELSEWHERE]
    left_out = f"; not checked, because they are for other platforms: {', '.join(elsewhere)}" if elsewhere else ""
    _report("licenses", refused, f"{len(runtime) - len(elsewhere)} packages have allowed licenses{left_out}")
    if osv is None:
        print("vulnerabilities: NOT CHECKED (--offline)")
        return 1 if unhashed or refused else 0
    everything = sorted({package for lock in locks for package in packages(lock.read_text())})
    try:
        vulnerable = vulnerabilities(everything, osv=osv)
    except (OSError, ValueError) as error:
        print(f"vulnerabilities: NOT CHECKED ({osv} does not answer: {error})")
        return 1 if unhashed or refused else 2
    _report("vulnerabilities", vulnerable, f"none known in {len(everything)} packages")
    return 1 if unhashed or refused or vulnerable else 0


def _report(what: str, wrong: Sequence[str], good: str) -> None:
    print(f"{what}: {'FAILED' if wrong else good}")
    for line in wrong:
        print(f"  {line}")


def packages(lock: str) -> list[Package]:
    """All packages of a lock, also those of other platforms."""
    return [Package(_normalize(found[1]), found[2]) for line in lock.splitlines() if (found := _REQUIREMENT.match(line))]


def without_hash(lock: str) -> list[str]:
    """The requirements of a lock that pip would take from anywhere, and lines that are no pinned requirement."""
    joined = [line.strip() for line in lock.replace("\\\n", " ").splitlines()]
    lines = [line for line in joined if line and not line.startswith("#")]
    return [line.split(" ")[0] for line in lines if not _REQUIREMENT.match(line) or "--hash=sha256:" not in line]


def license_of(name: str) -> str | None:
    """The license of an installed package as an SPDX expression; None if it names none, or is for another platform."""
    if name in _OVERRIDES:
        return _OVERRIDES[name]
    try:
        fields = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ELSEWHERE
    if expression := fields.get("License-Expression"):
        return str(expression)
    named = [str(line).rpartition(" :: ")[2] for line in fields.get_all("Classifier") or () if str(line).startswith("License :: ")]
    if found := sorted({_CLASSIFIERS[name] for name in named if name in _CLASSIFIERS}):
        return " AND ".join(found)
    text = str(fields.get("License") or "").strip().partition("\n")[0]
    return _FREE_TEXT.get(text.lower(), text or None)


def is_allowed(expression: str | None) -> bool:
    """Whether every license of an expression is allowed; of alternatives, one."""
    if expression == ELSEWHERE:
        return True
    if not expression:
        return False
    groups = re.sub(r"[()]", " ", expression).split(" AND ")
    return all(any(one.strip() in ALLOWED for one in group.split(" OR ")) for group in groups)


def vulnerabilities(asked: Sequence[Package], *, osv: str) -> list[str]:
    """Known vulnerabilities, as `name version: ids`. Raises `OSError` or `ValueError` if there is no complete answer."""
    queries = [{"package": {"ecosystem": "PyPI", "name": package.name}, "version": package.version} for package in asked]
    request = urllib.request.Request(  # noqa: S310 - https, or an address that the operator gave
        f"{osv.rstrip('/')}/v1/querybatch", json.dumps({"queries": queries}).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:  # noqa: S310 - as above
        content = json.load(answer)
    results = content.get("results") if isinstance(content, dict) else None
    if not isinstance(results, list) or len(results) != len(asked):
        raise ValueError("it answered for another number of packages")
    return [
        f"{package.name} {package.version}: {', '.join(entry['id'] for entry in result['vulns'])}"
        for package, result in zip(asked, results, strict=True)
        if result.get("vulns")
    ]


def _normalize(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    main()
