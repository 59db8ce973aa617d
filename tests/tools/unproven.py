"""How much is still claimed when the proof is gone: labelled cases without the key evidence of their answers.

    python -m tests.tools.unproven FOLDER

Of each case's surest answer the key evidence is taken away (see tests/analysis/removal.py), and the same is asked again; what is proven
twice is taken away twice, up to eight times. Right is to abstain, or to be less than half sure. The cases stay where they are.
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
from optral.scan.intake import Intake
from optral.scan.look import Trouble, Wanted, look
from optral.scan.why import Why
from tests.analysis import removal

ROUNDS = 8
WITHIN_S = 1200


def taken(bundle: dict[str, Any], unseen: set[str]) -> Intake:
    found = Intake(keep=True)
    dump.take_document(json.dumps(bundle).encode(), found, name="case")
    dump.settle(found)
    found.seen_kinds -= {kind for kind in found.seen_kinds if kind.partition(".")[0] in unseen}
    return found


def without_notes(root: Trouble) -> Trouble:
    """The same issue, without what its detector wrote down."""
    return replace(root, findings=[replace(finding, facts={}) for finding in root.findings])


def unproven(bundle: dict[str, Any]) -> tuple[Explanation, Explanation, int] | None:
    """(the answer, what is left of it, how often its proof was taken away); None for a case without an answer."""
    whole = taken(bundle, set())
    why = Why(whole)
    answers = [(root, why.explain(root)) for root in look(whole, Wanted(within_s=WITHIN_S)).roots]
    answers = [(root, found) for root, found in answers if found.root_cause is not None]
    if not answers:
        return None
    root, before = max(answers, key=lambda pair: pair[1].confidence)
    objects, logs, unseen, after = bundle["objects"]["items"], dict(bundle.get("logs", {})), set[str](), before
    for number in range(1, ROUNDS + 1):
        objects, logs, more = removal.without(deepcopy(objects), logs, removal.key_evidence(after))
        unseen |= more
        kept = [one for one in objects if one["kind"] not in unseen]
        thinner = bundle | {"objects": bundle["objects"] | {"items": kept}, "logs": logs}
        after = Why(taken(thinner, unseen)).explain(without_notes(root))
        if is_modest(after) or after.cause_id != before.cause_id:
            return before, after, number
    return before, after, ROUNDS


def is_modest(found: Explanation) -> bool:
    return found.root_cause is None or found.confidence < 0.5


def bundles(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted((folder / "cases").glob("*.json.gz")):
        yield path.name.removesuffix(".json.gz"), json.loads(gzip.decompress(path.read_bytes()))


def main() -> None:
    arguments = argparse.ArgumentParser(description="How much is still claimed when the proof is gone.")
    arguments.add_argument("folder", type=Path)
    asked = modest = 0
    for name, bundle in bundles(arguments.parse_args().folder):
        if (found := unproven(bundle)) is None:
            continue
        before, after, rounds = found
        asked += 1
        modest += is_modest(after)
        if not is_modest(after):
            print(f"{name}: {before.cause_id} {before.confidence}, then {after.cause_id} {after.confidence} after {rounds}")
    print(f"{modest} of {asked} answers abstain or doubt without their proof")


if __name__ == "__main__":
    main()
