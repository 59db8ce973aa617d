"""The index of detector pages, docs/detectors/README.md, as the catalog has it: `python -m optral.detectors.index` writes it."""

from pathlib import Path

from optral.detectors.catalog import AREAS
from optral.detectors.detector import Detector

PATH = Path("docs/detectors/README.md")
HEADINGS = {
    "pods": "Pods and containers",
    "workloads": "Workloads",
    "nodes": "Nodes and the cluster",
    "storage": "Storage",
    "network": "Network",
    "policy": "Quotas, autoscaling, admission and other API objects",
    "risk": "Risks",
}
_INTRODUCTION = """# Detectors

Every type of issue that Optral detects, with one page each. The severity in the list is where the rule of [Severity](../severity.md)
starts. Types of tier *core* must never be missed; *extended* types are rarer or softer; *risk* types are off by default and never page. To
turn types off, delay them or try them on your own manifests, see [Tuning detectors](../tuning.md).

This page is generated: `make contracts`.
"""


def document() -> str:
    """The whole page."""
    sections = [_INTRODUCTION]
    for area in AREAS:
        heading = HEADINGS[area.__name__.rpartition(".")[2]]
        rows = "".join(_row(detector) for detector in area.DETECTORS)
        sections.append(f"## {heading}\n\n| Type | What broke | About | Severity | Tier |\n|---|---|---|---|---|\n{rows}")
    return "\n".join(sections)


def _row(detector: Detector) -> str:
    cells = (f"[{detector.type}]({detector.type}.md)", detector.title, detector.about, detector.severity.value, detector.tier.value)
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    PATH.write_text(document(), encoding="utf-8")
