"""Scans and explains a folder of labeled cases, and scores the results.

A folder holds `cases/*.json.gz` (bundles, see `dump`) and `answers.json`: `{case: {faultObject, rootCause, category}}`. A mapping file
gives the issue types and causes that match each `rootCause`: `{rootCause: {types: [...], causes: [...]}}`. A third file,
`{group: [case, …]}`, lists cases whose objects do not show the cause; they are reported separately. Each case passes the intake of a
scan: Secrets are dropped, and everything else is redacted.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from optral.scan import dump, scoring
from optral.scan.detection import IssueFilter, ScanIssue, detect_issues
from optral.scan.explanation import Explainer
from optral.scan.intake import Intake
from optral.scan.scoring import Answer, CaseScore, Expected, Family, Label, ObjectKey, Relations
from optral.terms.errors import Misconfigured
from optral.terms.refs import ObjectRef

ANSWERS, CASES, APART = "answers.json", "cases", "beyond_objects.json"
_ENDINGS = (".json.gz", ".json")


class _Answer(msgspec.Struct):
    faultObject: str
    rootCause: str
    category: str = "all"


class _Mapped(msgspec.Struct, forbid_unknown_fields=True):
    types: list[str] = []
    causes: list[str] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """The cases of an evaluation, by name. `apart` maps the cases that are reported separately to their group."""

    cases: Mapping[str, Path]
    labels: Mapping[str, Label]
    expected: Mapping[str, Expected]
    apart: Mapping[str, str] = field(default_factory=dict)


class _Job(NamedTuple):
    name: str
    path: Path
    folder: Folder
    explain: bool
    within_s: float


def load(folder: Path, mapping: Path, apart: Path | None = None) -> Folder:
    """Read the cases, labels and mapping. Raises `Misconfigured`, which states what is missing or wrong."""
    answers = _read(folder / ANSWERS, dict[str, _Answer], "expected {case: {faultObject, rootCause, category}}")
    mapped = _read(mapping, dict[str, _Mapped], "expected {rootCause: {types: […], causes: […]}}")
    cases = {_case(path): path for path in sorted((folder / CASES).glob("*")) if path.name.endswith(_ENDINGS)}
    known = {name: path for name, path in cases.items() if name in answers}
    if not known:
        raise Misconfigured("eval", say=f"no case in {folder / CASES} (NAME.json.gz) has an answer in {folder / ANSWERS}")
    missing = sorted({answers[name].rootCause for name in known} - mapped.keys())
    if missing:
        raise Misconfigured("mapping", say=f"{mapping} lacks {', '.join(missing)}; add the types and causes of each")
    _check(mapped, mapping)
    apart = apart or (folder / APART if (folder / APART).exists() else None)
    groups = _read(apart, dict[str, list[str]], "expected {group: [case, …]}") if apart is not None else {}
    return Folder(
        cases=known,
        labels={name: Label(one.rootCause, one.faultObject, one.category) for name, one in answers.items()},
        expected={name: Expected(frozenset(one.types), frozenset(one.causes)) for name, one in mapped.items()},
        apart={name: group for group, names in groups.items() for name in names},
    )


def run(folder: Folder, *, workers: int, explain: bool, within_s: float, progress: Callable[[str], None]) -> list[CaseScore]:
    """Score every case with `workers` processes; the scores are in the order of the names.

    A case is one moment of a fault that lasts, so issues that open within `within_s` seconds count as detected.
    """
    jobs = [_Job(name, path, folder, explain, within_s) for name, path in folder.cases.items()]
    scores = []
    for number, score in enumerate(_each(jobs, workers), 1):
        progress(f"{number} of {len(jobs)} cases")
        scores.append(score)
    return scores


def _each(jobs: Sequence[_Job], workers: int) -> Iterator[CaseScore]:
    if workers <= 1:
        yield from (_score(job) for job in jobs)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(_score, jobs, chunksize=4)


def _score(job: _Job) -> CaseScore:
    name, path, folder, explain, within_s = job
    intake = Intake(keep=True)
    dump.read(path, intake)
    dump.settle(intake)
    result = detect_issues(intake, IssueFilter(within_s=within_s))
    answers, took_ms = _answers(intake, result.roots) if explain else ([], [])
    label = folder.labels[name]
    return scoring.score_case(
        name,
        label,
        folder.expected[label.cause],
        Relations(_manifests(intake)),
        [_family(root) for root in result.roots],
        answers,
        took_ms=took_ms,
        apart=folder.apart.get(name),
        gaps=[f"{gap.what}: {gap.why}" for gap in intake.gaps] + [f"detector {type_} failed" for type_ in result.failures],
    )


def _answers(intake: Intake, roots: Iterable[ScanIssue]) -> tuple[list[Answer], list[float]]:
    """Answers for the whole case, each once, in the order of `scoring.ranking`, and the time of each root in ms."""
    explainer, answers, took_ms = Explainer(intake), [], []
    for root in roots:
        began = time.perf_counter()
        explanation = explainer.explain(root)
        took_ms.append((time.perf_counter() - began) * 1000)
        if explanation.root_cause is not None:
            key = _key(explanation.root_cause["subject"])
            answers.append(Answer(explanation.cause_id or "", key, explanation.confidence, True, root.is_chronic))
        answers += [
            Answer(cause["id"], _key(cause["subject"]), cause["score"], False, root.is_chronic)
            for cause in explanation.body.get("hypotheses", ())
        ]
    answers.sort(key=scoring.ranking(answers))
    unique: dict[tuple[str, ObjectKey], Answer] = {}
    for answer in answers:
        unique.setdefault((answer.cause, answer.key), answer)
    return list(unique.values()), took_ms


def _family(root: ScanIssue) -> Family:
    return Family(
        issue=(root.type, _key_of(root.subject)), symptoms=[(symptom.type, _key_of(symptom.subject)) for symptom in root.symptoms]
    )


def _key_of(ref: ObjectRef) -> ObjectKey:
    return ObjectKey(ref.short_kind, ref.namespace or "", ref.name)


def _key(shape: Mapping[str, Any]) -> ObjectKey:
    return ObjectKey(str(shape.get("kind") or ""), str(shape.get("namespace") or ""), str(shape.get("name") or ""))


def _manifests(intake: Intake) -> Iterator[dict[str, Any]]:
    for _, _, read in intake.manifests():
        if (raw := read()) is not None:
            yield msgspec.json.decode(raw)


def _case(path: Path) -> str:
    return next(path.name.removesuffix(ending) for ending in _ENDINGS if path.name.endswith(ending))


def _check(mapped: Mapping[str, _Mapped], mapping: Path) -> None:
    """Refuse unknown cause ids, which would score as misses."""
    from optral.analysis import causes

    unknown = sorted({cause for one in mapped.values() for cause in one.causes} - causes.BY_ID.keys())
    if unknown:
        raise Misconfigured("mapping", say=f"{mapping} contains unknown causes: {', '.join(unknown)}; see docs/causes.md")


def _read(path: Path, shape: Any, expected: str) -> Any:
    try:
        return msgspec.json.decode(path.read_bytes(), type=shape)
    except OSError as error:
        raise Misconfigured("eval", say=f"cannot read {path} ({error.strerror}); {expected}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Misconfigured("eval", say=f"cannot use {path}: {error}; {expected}") from error
