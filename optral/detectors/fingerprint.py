"""The fingerprint of a finding: the same failure of the same workload and container is the same issue, whichever pod shows it.

It never contains pod names, hashes, counts, times or messages. A new algorithm gets a new number at the end of `VERSIONS` and the old ones
stay, so that issues that were opened under them still match after an upgrade.
"""

import hashlib
from collections.abc import Callable

from optral.detectors.finding import Finding


def _version_1(cluster_id: str, finding: Finding) -> str:
    subject = finding.subject
    parts = (cluster_id, finding.type, subject.kind, subject.namespace or "", subject.name, finding.part or "")
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "replace")).hexdigest()[:40]


VERSIONS: dict[int, Callable[[str, Finding], str]] = {1: _version_1}
"""All versions, oldest first; the last is the present one."""


def compute(cluster_id: str, finding: Finding, version: int | None = None) -> str:
    """The fingerprint, such as `1:5f0c…` (the version, then 160 bits). Raises `KeyError` for an unknown version."""
    version = next(reversed(VERSIONS)) if version is None else version
    return f"{version}:{VERSIONS[version](cluster_id, finding)}"


def all_of(cluster_id: str, finding: Finding) -> tuple[str, ...]:
    """Every fingerprint that an open issue of this finding may have, newest version first."""
    return tuple(compute(cluster_id, finding, version) for version in reversed(VERSIONS))
