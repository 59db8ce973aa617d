"""Taking away what an answer rests on: the facts it cites are removed from the cluster, wherever they stand."""

import re
from typing import Any

from optral.analysis.model import Explanation
from optral.analysis.reading.evidence import plain

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
Json = dict[str, Any]


def key_evidence(found: Explanation) -> list[Json]:
    """What the last claims of the cause cite, which say why it is this one; the first only tells which symptom there is."""
    assert found.root_cause is not None
    claims = found.root_cause["claims"]
    for chosen in (claims[1:], claims):
        ids = {id_ for claim in chosen for id_ in claim["evidenceIds"]}
        facts = [fact for fact in found.body["evidence"] if fact["id"] in ids and not _is_a_name(fact)]
        if facts:
            return facts
    return []


def _is_a_name(fact: Json) -> bool:
    """Facts that only tell who is who, and where; or that something optional is not set."""
    if fact["kind"] == "object" and fact["path"] == "metadata":
        return not any(f"{name}:" in fact["excerpt"] for name in _LEAVING)
    return fact["excerpt"] == "nothing" or (fact["path"] == "spec" and fact["excerpt"].startswith("nodeName:"))


_LEAVING = ("deletionTimestamp", "finalizers")
_FACT = "seen by the detector"


def is_remembered(facts: list[Json]) -> bool:
    """Whether the detector's own notes are among them."""
    return any(fact["path"] == _FACT for fact in facts)


def without(objects: list[Json], logs: dict[str, str], facts: list[Json]) -> tuple[list[Json], dict[str, str], set[str]]:
    """The cluster without these facts; and the kinds of which nobody can say any more what there is."""
    unseen: set[str] = set()
    for fact in facts:
        kind = fact["kind"]
        if kind == "log":
            logs = {key: "\n".join(line for line in text.splitlines() if plain(line) != fact["excerpt"]) for key, text in logs.items()}
        elif kind == "event":
            objects = [one for one in objects if not _tells(one, fact)]
        elif kind == "metric":
            kind, name = fact["ref"]["kind"], fact["ref"]["name"]
            reports = {(f"{kind}Usage", name), ("WorkloadTraffic", f"{kind.lower()}-{name}")}
            objects = [one for one in objects if (one["kind"], one["metadata"]["name"]) not in reports]
        elif kind == "absence":
            unseen |= {word for word in fact["path"].split() if word[:1].isupper()}
        elif fact["path"] != _FACT:
            objects = [one for one in _cut(objects, fact) if not _repeats(one, fact)]
    return objects, logs, unseen


def _tells(one: Json, fact: Json) -> bool:
    """An Event of the same reason about the same object: the others only say it again, about another pod or a second later."""
    about = one.get("involvedObject", {}).get("name")
    return one["kind"] == "Event" and about == fact["ref"]["name"] and fact["excerpt"].startswith(f"{one.get('reason', '')}: ")


def _repeats(one: Json, fact: Json) -> bool:
    """An Event that says what a condition of the same object says."""
    words = str(one.get("message", ""))
    about = one.get("involvedObject", {}).get("name")
    return one["kind"] == "Event" and about == fact["ref"]["name"] and len(words) > 40 and plain(words)[-40:] in fact["excerpt"]


def _cut(objects: list[Json], fact: Json) -> list[Json]:
    """A fact about a place is cut out; one that counts or compares goes with its object's status and spec."""
    ref, kept = fact["ref"], []
    for one in objects:
        meta = one["metadata"]
        is_it = one["kind"] == ref["kind"] and meta["name"] == ref["name"] and meta.get("namespace") == ref.get("namespace")
        if not is_it:
            kept.append(one)
        elif fact["path"] == "metadata":
            kept.append(one | {"metadata": {key: value for key, value in meta.items() if key not in _LEAVING}})
        elif fact["path"] == "":
            named = [piece.partition(":")[0].strip() for piece in fact["excerpt"].split(", ")]
            for path in named:
                _drop(one, path)
            kept.append(one)
        elif fact["kind"] == "object" and fact["path"].startswith(("spec", "status", "webhooks")):
            _drop(one, fact["path"])
            kept.append(one)
        elif fact["kind"] == "object":
            kept.append({key: value for key, value in one.items() if key in ("apiVersion", "kind", "metadata")})
    return kept


def _drop(one: Any, path: str) -> None:
    steps: list[str | int] = [name or int(index) for name, index in _STEP.findall(path)]
    for step in steps[:-1]:
        one = one.get(step) if isinstance(one, dict) else one[step] if isinstance(one, list) and step < len(one) else None  # type: ignore[operator, index]
        if one is None:
            return
    last = steps[-1]
    if isinstance(one, dict):
        one.pop(last, None)
    elif isinstance(one, list) and isinstance(last, int) and last < len(one):
        one[last] = {}
