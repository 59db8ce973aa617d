"""Runs a folder of labelled cases through looks and explanations, and scores them.

A folder holds `cases/*.json.gz` (bundles, see `dump`) and `answers.json`: `{case: {faultObject, rootCause, category}}`. A mapping file says
what we call each `rootCause`: `{rootCause: {types: [...], causes: [...]}}`. A file of cases set apart, `{group: [case, …]}`, names those
whose cause their objects do not show. Each case passes the same intake as a scan: Secrets dropped, everything else redacted.
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
from optral.scan.intake import Intake
from optral.scan.look import Trouble, Wanted, look
from optral.scan.scoring import Answer, Expected, Family, Label, Mark, Place, Relations
from optral.scan.why import Why
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
    """The cases of an evaluation, by name. `apart` tells the group of those that are reported on their own."""

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
    """Read what is to be scored. Raises `Misconfigured` with what is missing or wrong."""
    answers = _read(folder / ANSWERS, dict[str, _Answer], "it holds {case: {faultObject, rootCause, category}}")
    mapped = _read(mapping, dict[str, _Mapped], "it holds {rootCause: {types: […], causes: […]}}")
    cases = {_case(path): path for path in sorted((folder / CASES).glob("*")) if path.name.endswith(_ENDINGS)}
    known = {name: path for name, path in cases.items() if name in answers}
    if not known:
        raise Misconfigured("eval", say=f"no case in {folder / CASES} (NAME.json.gz) has an answer in {folder / ANSWERS}")
    missing = sorted({answers[name].rootCause for name in known} - mapped.keys())
    if missing:
        raise Misconfigured("mapping", say=f"{mapping} lacks {', '.join(missing)}; add the types and causes of each")
    _check(mapped, mapping)
    apart = apart or (folder / APART if (folder / APART).exists() else None)
    groups = _read(apart, dict[str, list[str]], "it holds {group: [case, …]}") if apart is not None else {}
    return Folder(
        cases=known,
        labels={name: Label(one.rootCause, one.faultObject, one.category) for name, one in answers.items()},
        expected={name: Expected(frozenset(one.types), frozenset(one.causes)) for name, one in mapped.items()},
        apart={name: group for group, names in groups.items() for name in names},
    )


def run(folder: Folder, *, workers: int, explain: bool, within_s: float, tell: Callable[[str], None]) -> list[Mark]:
    """Score every case, in so many processes; in the order of their names.

    A case is one moment of a fault that lasts: what opens within `within_s` seconds if nothing changes counts as told.
    """
    jobs = [_Job(name, path, folder, explain, within_s) for name, path in folder.cases.items()]
    marks = []
    for number, mark in enumerate(_each(jobs, workers), 1):
        tell(f"{number} of {len(jobs)} cases")
        marks.append(mark)
    return marks


def _each(jobs: Sequence[_Job], workers: int) -> Iterator[Mark]:
    if workers <= 1:
        yield from (_score(job) for job in jobs)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(_score, jobs, chunksize=4)


def _score(job: _Job) -> Mark:
    name, path, folder, explain, within_s = job
    taken = Intake(keep=True)
    dump.read(path, taken)
    dump.settle(taken)
    seen = look(taken, Wanted(within_s=within_s))
    answers, took_ms = _explained(taken, seen.roots) if explain else ([], [])
    label = folder.labels[name]
    return scoring.mark(
        name,
        label,
        folder.expected[label.cause],
        Relations(_manifests(taken)),
        [_family(root) for root in seen.roots],
        answers,
        took_ms=took_ms,
        apart=folder.apart.get(name),
        gaps=[f"{gap.what}: {gap.why}" for gap in taken.gaps] + [f"detector {type_} failed" for type_ in seen.failures],
    )


def _explained(taken: Intake, roots: Iterable[Trouble]) -> tuple[list[Answer], list[float]]:
    """Answers for the whole case, best first: what the engine stands by, then what it holds possible; each cause and object once."""
    why, found, took_ms = Why(taken), [], []
    for root in roots:
        began = time.perf_counter()
        explanation = why.explain(root)
        took_ms.append((time.perf_counter() - began) * 1000)
        if explanation.root_cause is not None:
            found.append(Answer(explanation.cause_id or "", _place(explanation.root_cause["subject"]), explanation.confidence, True))
        found += [Answer(one["id"], _place(one["subject"]), one["score"], False) for one in explanation.body.get("hypotheses", ())]
    found.sort(key=lambda answer: (not answer.accepted, -answer.confidence))
    unique: dict[tuple[str, Place], Answer] = {}
    for answer in found:
        unique.setdefault((answer.cause, answer.place), answer)
    return list(unique.values()), took_ms


def _family(root: Trouble) -> Family:
    return Family(issue=(root.type, _of(root.subject)), symptoms=[(symptom.type, _of(symptom.subject)) for symptom in root.symptoms])


def _of(ref: ObjectRef) -> Place:
    return Place(ref.short_kind, ref.namespace or "", ref.name)


def _place(shape: Mapping[str, Any]) -> Place:
    return Place(str(shape.get("kind") or ""), str(shape.get("namespace") or ""), str(shape.get("name") or ""))


def _manifests(taken: Intake) -> Iterator[dict[str, Any]]:
    for _, _, read in taken.manifests():
        if (raw := read()) is not None:
            yield msgspec.json.decode(raw)


def _case(path: Path) -> str:
    return next(path.name.removesuffix(ending) for ending in _ENDINGS if path.name.endswith(ending))


def _check(mapped: Mapping[str, _Mapped], mapping: Path) -> None:
    """Names of ours that do not exist would score as misses."""
    from optral.analysis import causes

    unknown = sorted({cause for one in mapped.values() for cause in one.causes} - causes.BY_ID.keys())
    if unknown:
        raise Misconfigured("mapping", say=f"{mapping} contains unknown causes: {', '.join(unknown)}; see docs/causes.md")


def _read(path: Path, shape: Any, means: str) -> Any:
    try:
        return msgspec.json.decode(path.read_bytes(), type=shape)
    except OSError as error:
        raise Misconfigured("eval", say=f"cannot read {path} ({error.strerror}); {means}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Misconfigured("eval", say=f"cannot use {path}: {error}; {means}") from error
