"""One issue per container: of all findings about it, the type with the lowest rank is reported and the others are dropped.

A container that was OOM-killed is also in back-off and not ready; three issues would report one failure three times. Types about the whole
pod (scheduling, mounts) do not compete with those about a container.
"""

from collections.abc import Iterable

from optral.detectors.catalog import Catalog
from optral.detectors.finding import Finding


def choose(findings: Iterable[Finding], catalog: Catalog) -> list[Finding]:
    """Keep the finding with the lowest rank for every container of one object. Findings of types without a rank are kept; a catch-all is
    kept only if it is alone."""
    findings = list(findings)
    if any(finding.type not in catalog.catch_alls for finding in findings):
        findings = [finding for finding in findings if finding.type not in catalog.catch_alls]
    kept: list[Finding] = []
    strongest: dict[str, Finding] = {}
    ranks = catalog.ranks
    for finding in findings:
        if finding.part is None or finding.type not in ranks:
            kept.append(finding)
        elif finding.part not in strongest or ranks[finding.type] < ranks[strongest[finding.part].type]:
            strongest[finding.part] = finding
    return kept + list(strongest.values())
