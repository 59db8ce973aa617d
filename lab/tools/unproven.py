"""Checks that answers depend on their evidence: analyzes labeled cases again without the key evidence of the best answer.

    python -m lab.tools.unproven FOLDER

For each case, the key evidence of the answer with the highest confidence is removed (see tests/analysis/removal.py) and the issue is
analyzed again; evidence that exists twice is removed twice, up to eight times. The right result is to abstain, or a confidence below one
half. The case files are not changed.
"""

import argparse
import gzip
import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

from optral.analysis.model import Explanation
from optral.scan import dump
from optral.scan.detection import IssueFilter, ScanIssue, detect_issues
from optral.scan.explanation import Explainer
from optral.scan.intake import Intake
from tests.analysis import removal

ROUNDS = 8
WITHIN_S = 1200


def read_bundle(bundle: dict[str, Any], hidden_kinds: set[str]) -> Intake:
    intake = Intake(keep=True)
    dump.take_document(json.dumps(bundle).encode(), intake, name="case")
    dump.settle(intake)
    intake.listed_kinds -= {kind for kind in intake.listed_kinds if kind.partition(".")[0] in hidden_kinds}
    return intake


def without_facts(root: ScanIssue) -> ScanIssue:
    """The same issue, without the facts of its detector."""
    return replace(root, findings=[replace(finding, facts={}) for finding in root.findings])


def explain_without_evidence(bundle: dict[str, Any]) -> tuple[Explanation, Explanation, int] | None:
    """(the answer, the answer without its key evidence, the number of removals); None for a case without an answer."""
    whole = read_bundle(bundle, set())
    explainer = Explainer(whole)
    answers = [(root, explainer.explain(root)) for root in detect_issues(whole, IssueFilter(within_s=WITHIN_S)).roots]
    answers = [(root, explanation) for root, explanation in answers if explanation.root_cause is not None]
    if not answers:
        return None
    root, before = max(answers, key=lambda pair: pair[1].confidence)
    objects, logs, hidden_kinds, after = bundle["objects"]["items"], dict(bundle.get("logs", {})), set[str](), before
    for number in range(1, ROUNDS + 1):
        objects, logs, hidden = removal.without(deepcopy(objects), logs, removal.key_evidence(after))
        hidden_kinds |= hidden
        kept = [manifest for manifest in objects if manifest["kind"] not in hidden_kinds]
        reduced = bundle | {"objects": bundle["objects"] | {"items": kept}, "logs": logs}
        after = Explainer(read_bundle(reduced, hidden_kinds)).explain(without_facts(root))
        if is_unsure(after) or after.cause_id != before.cause_id:
            return before, after, number
    return before, after, ROUNDS


def is_unsure(explanation: Explanation) -> bool:
    return explanation.root_cause is None or explanation.confidence < 0.5


def bundles(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted((folder / "cases").glob("*.json.gz")):
        yield path.name.removesuffix(".json.gz"), json.loads(gzip.decompress(path.read_bytes()))


def main() -> None:
    arguments = argparse.ArgumentParser(description="Check that answers depend on their evidence.")
    arguments.add_argument("folder", type=Path)
    answered = unsure = 0
    for name, bundle in bundles(arguments.parse_args().folder):
        if (result := explain_without_evidence(bundle)) is None:
            continue
        before, after, rounds = result
        answered += 1
        unsure += is_unsure(after)
        if not is_unsure(after):
            print(f"{name}: {before.cause_id} {before.confidence}, then {after.cause_id} {after.confidence} after {rounds} removals")
    print(f"{unsure} of {answered} answers abstain or are below 0.5 without their evidence")


if __name__ == "__main__":
    main()
