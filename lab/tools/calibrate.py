"""Measures the probability that an answer of each level is right, and writes the table.

    python -m lab.tools.calibrate FOLDER --mapping MAPPING [--write]

FOLDER holds labeled cases (see `optral eval`); they are not changed. The tuned half of `lab/unseen` is added to them. Each case is graded
as it is, and again with part of its Events and log lines removed, since answers from complete evidence are rarely wrong. All answers to
one case weigh as much as one: its level, and whether cause and object are right. The probability of each level is fitted without one fifth
of the cause families and validated on these, five times; the figures cover only held-out answers. Each level, and each kind of evidence,
is then compared with the held-out half of `lab/unseen`, which no table is fitted on. `--write` writes the table, fitted on all answers,
to optral/analysis/engine/calibration.py, and the figures to docs/calibration.svg and docs/calibration.md.
"""

import argparse
import gzip
import json
import math
import random
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from lab.unseen import fault, faults, measure
from optral.analysis import causes
from optral.analysis.engine.calibration import Level
from optral.scan import dump, evaluate
from optral.scan.detection import IssueFilter, detect_issues
from optral.scan.explanation import Explainer
from optral.scan.intake import Intake
from optral.scan.scoring import ObjectKey, Relations

ROOT = Path(__file__).parents[2]
LOST = (0.0, 0.4, 0.8, 1.0)  # shares of Events and log lines that are removed
FOLDS = 5
PRIOR = {
    Level.HINT: 0.2,
    Level.POSSIBLE: 0.42,
    Level.PLAUSIBLE: 0.6,
    Level.LIKELY: 0.76,
    Level.STRONG: 0.88,
    Level.PROVEN: 0.95,
}
"""The probability of each level without measurements."""
PRIOR_ANSWERS = 10.0  # weight of the prior of each level, in answers
MAX_PROBABILITY = 0.99  # no level promises certainty
FITTED = tuple(level for level in Level if PRIOR[level] >= 0.5)  # lower levels have too few answers and keep their prior
BINS = 10
WITHIN_S = 1200
SEEDED = 7
Fit = Mapping[Level, float]
"""Level → probability, rising."""


class GradedAnswer(NamedTuple):
    """One answer. Answers with the same `case` are resampled together."""

    case: str
    family: str
    level: Level
    is_right: bool
    kind: str = ""
    source: str = ""
    is_complete: bool = True

    @classmethod
    def of(cls, case: str, kind: str, answer: "Answer", *, is_right: bool, lost: float) -> "GradedAnswer":
        family = causes.BY_ID[answer.cause].category
        return cls(case, family, answer.level, is_right, kind, answer.source, is_complete=lost == 0)


class Answer(NamedTuple):
    """`source`: the kind of evidence that decides, the rarest of what the explanation cites."""

    cause: str
    key: ObjectKey
    level: Level
    source: str


def grade(folder: evaluate.Folder) -> list[GradedAnswer]:
    """Every answer to every case, with complete and with reduced evidence; analyses that abstain are left out."""
    graded: list[GradedAnswer] = []
    for name, path in folder.cases.items():
        if name in folder.apart:
            continue
        raw = path.read_bytes()
        bundle = json.loads(gzip.decompress(raw) if path.suffix == ".gz" else raw)
        label, expected = folder.labels[name], folder.expected[folder.labels[name].cause]
        relations = Relations(bundle["objects"]["items"])
        for lost in LOST:
            for answer in _answers(_reduced(bundle, lost, random.Random(f"{name} {lost}"))):
                is_right = answer.cause in expected.causes and relations.is_part_of(answer.key, label.target)
                graded.append(GradedAnswer.of(name, label.cause, answer, is_right=is_right, lost=lost))
    return graded


def grade_unseen(*, is_held_out: bool) -> list[GradedAnswer]:
    """The same for one half of the fault states that are made for it (`lab/unseen`)."""
    faults.load()
    graded: list[GradedAnswer] = []
    for case in fault.cases():
        if case.is_held_out != is_held_out:
            continue
        cluster, truth = case.build()
        bundle, relations = cluster.bundle(), Relations(cluster.objects.values())
        for lost in LOST:
            for answer in _answers(_reduced(bundle, lost, random.Random(f"{case.id} {lost}"))):
                is_right = answer.cause in case.fault.causes and measure.is_at_fault(answer.key, truth, relations)
                graded.append(GradedAnswer.of(case.id, case.fault.name, answer, is_right=is_right, lost=lost))
    return graded


def _reduced(bundle: dict[str, Any], lost: float, rng: random.Random) -> dict[str, Any]:
    kept = [manifest for manifest in bundle["objects"]["items"] if manifest["kind"] != "Event" or rng.random() >= lost]
    logs = {key: text for key, text in bundle.get("logs", {}).items() if rng.random() >= lost}
    return bundle | {"objects": bundle["objects"] | {"items": kept}, "logs": logs}


def _answers(bundle: dict[str, Any]) -> list[Answer]:
    intake = Intake(keep=True)
    dump.take_document(json.dumps(bundle).encode(), intake, name="case")
    dump.settle(intake)
    explainer, answers = Explainer(intake), list[Answer]()
    for root in detect_issues(intake, IssueFilter(within_s=WITHIN_S)).roots:
        explanation = explainer.explain(root)
        if explanation.root_cause is not None:
            subject = explanation.root_cause["subject"]
            key = ObjectKey(str(subject.get("kind") or ""), str(subject.get("namespace") or ""), str(subject.get("name") or ""))
            answers.append(Answer(str(explanation.root_cause["id"]), key, explanation.level, _source(explanation.body)))
    return answers


SOURCES = {"metric": "measurements", "log": "log lines", "relation": "comparisons and relations", "event": "Events"}
OBJECTS = "objects alone"


def _source(body: Mapping[str, Any]) -> str:
    """What the root cause rests on: the first of `SOURCES` that one of its sentences cites."""
    kinds = {one["id"]: one["kind"] for one in body["evidence"]}
    cited = {kinds.get(id_) for claim in body["rootCause"]["claims"] for id_ in claim["evidenceIds"]}
    return next((words for kind, words in SOURCES.items() if kind in cited), OBJECTS)


# --- fitting


def fit(graded: Sequence[GradedAnswer]) -> Fit:
    """The rising probabilities that fit best (isotonic regression), weighted with the prior of each level."""
    weight_of_answer = 1 / len(LOST)  # answers to one case are not independent
    blocks: list[tuple[list[Level], float, float]] = []  # levels with one probability, total weight, weight of right answers
    for level in FITTED:
        answers = [one for one in graded if one.level is level]
        weight, right = weight_of_answer * len(answers), weight_of_answer * sum(one.is_right for one in answers)
        block = ([level], PRIOR_ANSWERS + weight, PRIOR_ANSWERS * PRIOR[level] + right)
        while blocks and blocks[-1][2] / blocks[-1][1] >= block[2] / block[1]:
            levels, weight, right = blocks.pop()
            block = (levels + block[0], weight + block[1], right + block[2])
        blocks.append(block)
    table = {level: PRIOR[level] for level in Level if level not in FITTED}
    floor = max(table.values())
    for levels, weight, right in blocks:
        table |= dict.fromkeys(levels, round(min(MAX_PROBABILITY, max(floor, right / weight)), 3))
    return table


def out_of_fold(graded: Sequence[GradedAnswer]) -> list[tuple[GradedAnswer, float]]:
    """Each answer with the confidence of a table that was fitted without its family."""
    families = sorted({one.family for one in graded}, key=lambda family: -sum(one.family == family for one in graded))
    fold_of = {family: index % FOLDS for index, family in enumerate(families)}
    found = []
    for fold in range(FOLDS):
        table = fit([one for one in graded if fold_of[one.family] != fold])
        found += [(one, table[one.level]) for one in graded if fold_of[one.family] == fold]
    return found


def error(pairs: Sequence[tuple[GradedAnswer, float]]) -> float:
    """Expected calibration error over ten bins of equal width."""
    total = 0.0
    for inside in _binned(pairs):
        if inside:
            total += abs(sum(confidence for _, confidence in inside) - sum(one.is_right for one, _ in inside))
    return total / len(pairs)


def _binned(pairs: Sequence[tuple[GradedAnswer, float]]) -> list[list[tuple[GradedAnswer, float]]]:
    bins: list[list[tuple[GradedAnswer, float]]] = [[] for _ in range(BINS)]
    for pair in pairs:
        bins[min(BINS - 1, int(pair[1] * BINS))].append(pair)
    return bins


def interval(pairs: Sequence[tuple[GradedAnswer, float]], rounds: int = 500) -> tuple[float, float]:
    """The 95% confidence interval of the error, by bootstrapping whole cases."""
    rng = random.Random(SEEDED)
    of_case: dict[str, list[tuple[GradedAnswer, float]]] = {}
    for pair in pairs:
        of_case.setdefault(pair[0].case, []).append(pair)
    names = list(of_case)
    drawn = sorted(error([pair for name in rng.choices(names, k=len(names)) for pair in of_case[name]]) for _ in range(rounds))
    return drawn[round(0.025 * rounds)], drawn[round(0.975 * rounds) - 1]


class Row(NamedTuple):
    """Answers of one level, or one kind of evidence: what they promise, how many are right, and the 95 % interval of that share."""

    name: str
    answers: int
    confidence: float
    right: float
    low: float
    high: float

    @property
    def is_inside(self) -> bool:
        return self.low <= self.confidence <= self.high


def row(name: str, answers: Sequence[GradedAnswer], table: Fit) -> Row:
    """Wilson's interval, with as many answers as there are kinds of fault: those to one kind stand and fall together."""
    count, right = len({one.kind for one in answers}), _mean([float(one.is_right) for one in answers])
    z = 1.96
    middle = (right + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(right * (1 - right) / count + z * z / (4 * count * count))
    return Row(name, len(answers), _mean([table[one.level] for one in answers]), right, max(0.0, middle - half), min(1.0, middle + half))


def rows(graded: Sequence[GradedAnswer], table: Fit) -> list[Row]:
    """By level with complete and with reduced evidence, then by kind of evidence."""
    complete = [one for one in graded if one.is_complete]
    parts: list[tuple[str, list[GradedAnswer]]] = []
    for level in Level:
        parts.append((f"level {level.name.lower()}", [one for one in complete if one.level is level]))
        parts.append((f"level {level.name.lower()}, also with less evidence", [one for one in graded if one.level is level]))
    parts += [(f"evidence: {source}", [one for one in complete if one.source == source]) for source in (*SOURCES.values(), OBJECTS)]
    return [row(name, answers, table) for name, answers in parts if answers]


# --- writing


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def figures(graded: Sequence[GradedAnswer]) -> dict[str, Any]:
    pairs = out_of_fold(graded)
    plain = [(one, PRIOR[one.level]) for one in graded]
    low, high = interval(pairs)
    bins = [
        {"confidence": _mean([c for _, c in inside]), "right": _mean([float(one.is_right) for one, _ in inside]), "n": len(inside)}
        for inside in _binned(pairs)
        if inside
    ]
    return {
        "answers": len(graded),
        "cases": len({one.case for one in graded}),
        "families": len({one.family for one in graded}),
        "right": sum(one.is_right for one in graded) / len(graded),
        "errorOfPrior": error(plain),
        "error": error(pairs),
        "interval": (low, high),
        "brier": sum((c - one.is_right) ** 2 for one, c in pairs) / len(pairs),
        "bins": bins,
    }


def picture(found: dict[str, Any]) -> str:
    """A reliability diagram as SVG: the share of right answers by confidence; the diagonal is perfect calibration."""

    def x(value: float) -> float:
        return round(60 + 320 * value, 1)

    def y(value: float) -> float:
        return round(360 - 320 * value, 1)

    most = max(one["n"] for one in found["bins"])
    dots = "".join(
        f'<circle cx="{x(one["confidence"])}" cy="{y(one["right"])}" r="{round(4 + 10 * (one["n"] / most) ** 0.5, 1)}" '
        f'fill="#2f6f9f" fill-opacity="0.75"><title>{one["n"]} answers of {one["confidence"]:.2f}, right {one["right"]:.2f}</title>'
        "</circle>"
        for one in found["bins"]
    )
    ticks = "".join(
        f'<text x="{x(step / 5)}" y="380" text-anchor="middle">{step / 5:g}</text>'
        f'<text x="50" y="{y(step / 5) + 4}" text-anchor="end">{step / 5:g}</text>'
        f'<line x1="60" x2="380" y1="{y(step / 5)}" y2="{y(step / 5)}" stroke="#888" stroke-opacity="0.25"/>'
        for step in range(6)
    )
    low, high = found["interval"]
    caption = f"{found['answers']} answers, error {found['error']:.3f} ({low:.3f} to {high:.3f})"
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 420 420" font-family="sans-serif" font-size="12" role="img" '
        'aria-label="How often answers of each confidence are right"><rect width="420" height="420" fill="#fff"/>'
        f'{ticks}<line x1="60" y1="360" x2="380" y2="40" stroke="#888" stroke-dasharray="4 4"/>{dots}'
        f'<text x="220" y="402" text-anchor="middle">confidence</text><text x="220" y="24" text-anchor="middle">{caption}</text>'
        '<text x="16" y="200" text-anchor="middle" transform="rotate(-90 16 200)">share that is right</text></svg>\n'
    )


def write(table: Fit, found: dict[str, Any], held_out: Sequence[Row]) -> None:
    code = ROOT / "optral" / "analysis" / "calibration.py"
    entries = "".join(f"    Level.{level.name}: {probability},\n" for level, probability in table.items())
    text = "PROBABILITY: dict[Level, float] = {\n" + entries + "}"
    code.write_text(re.sub(r"^PROBABILITY: .*?^\}$", text, code.read_text(), flags=re.MULTILINE | re.DOTALL))
    (ROOT / "docs" / "calibration.svg").write_text(picture(found))
    page = ROOT / "docs" / "calibration.md"
    low, high = found["interval"]
    lines = [
        f"| answers graded | {found['answers']} in {found['cases']} cases of {found['families']} cause families |",
        f"| right | {found['right']:.3f} |",
        f"| error of the unmeasured levels | {found['errorOfPrior']:.3f} |",
        f"| error of the confidence, families not fitted on | {found['error']:.3f} ({low:.3f} to {high:.3f}) |",
        f"| Brier score | {found['brier']:.3f} |",
    ]
    bins = [f"| {one['confidence']:.2f} | {one['right']:.2f} | {one['n']} |" for one in found["bins"]]
    text = "\n".join(
        ["| Figure | Value |", "|---|---|", *lines, "", "| Confidence | Share that is right | Answers |", "|---|---|---|", *bins]
    )
    page.write_text(re.sub(r"(?<=<!-- figures -->\n).*?(?=\n<!-- end -->)", lambda _: text, page.read_text(), flags=re.DOTALL))
    levels = "\n".join(
        ["| Answers by | Answers | Confidence | Right | 95 % interval |", "|---|---|---|---|---|"]
        + [f"| {one.name} | {one.answers} | {one.confidence:.2f} | {one.right:.2f} | {one.low:.2f} to {one.high:.2f} |" for one in held_out]
    )
    page.write_text(re.sub(r"(?<=<!-- held out -->\n).*?(?=\n<!-- end of it -->)", lambda _: levels, page.read_text(), flags=re.DOTALL))


def main() -> None:
    arguments = argparse.ArgumentParser(description="Measure the probability that an answer of each level is right.")
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--mapping", type=Path, required=True)
    arguments.add_argument("--write", action="store_true")
    given = arguments.parse_args()
    graded = grade(evaluate.load(given.folder, given.mapping)) + grade_unseen(is_held_out=False)
    table, found = fit(graded), figures(graded)
    held_out = rows(grade_unseen(is_held_out=True), table)
    print(json.dumps({"levels": {level.name: value for level, value in table.items()}, **found}, indent=1))
    for one in held_out:
        verdict = "" if one.is_inside else "outside of the interval"
        print(f"{one.name:45}{one.answers:5} {one.confidence:.3f} {one.right:.3f} {one.low:.3f} to {one.high:.3f} {verdict}")
    if given.write:
        write(table, found, held_out)


if __name__ == "__main__":
    main()
