"""Evidence: one fact, where it was read, and an id made of its content. Rules may only claim what they have put down here.

An id is a hash of what the fact says and where, so the same cluster gives the same ids, and a stored analysis can be checked again.
Values are read out of the snapshot by path: a rule cannot write down what is not there. `trust` says who could have written the text:
Kubernetes itself, a node, or an application (log lines, and whatever an application makes others repeat).
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from optral.analysis.reading.snapshot import Listing, LogKey, Missing, SignKey, SnapshotObject, last_seen
from optral.kit import printable
from optral.kube.objects import LogSigns
from optral.terms import probes
from optral.terms.probes import ProbeResult
from optral.terms.refs import ObjectRef

MAX_EXCERPT = 500
OBJECT, EVENT, LOG, METRIC, CHANGE, RELATION, ABSENCE = "object", "event", "log", "metric", "change", "relation", "absence"
PROBE = "probe"
NOTHING = "nothing"  # stands where there is no value
DETECTED = "seen by the detector"  # the path of what the detector wrote down
KUBE, NODE, APP = "kube", "node", "app_text"
_BY_NODE = frozenset({"kubelet"})
_MARKUP = re.compile(r"\w://|\bwww\.|\]\(|!\[|</?[a-zA-Z!]|&#?\w+;|\b(?:javascript:|mailto:|data:\w+/)", re.IGNORECASE)


def plain(text: str, limit: int = MAX_EXCERPT) -> str:
    """The text as it may be shown and stored: printable, on one line, bounded."""
    text = " ".join(printable.visible(text).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def has_markup(text: str) -> bool:
    """Whether there is a link or markup in it, which a browser or a chat might follow."""
    return _MARKUP.search(text) is not None


def excerpt(text: str) -> str:
    """The text as `plain` shows it. Of one that is too long the beginning and the end: errors have their origin at the end."""
    text, half = plain(text, 100 * MAX_EXCERPT), MAX_EXCERPT // 2
    return text if len(text) <= MAX_EXCERPT else f"{text[:half]} … {text[-half + len(' … ') :]}"


def value_text(value: Any) -> str:
    """A value of an object as it is quoted."""
    return NOTHING if value is None else value if isinstance(value, str) else msgspec.json.encode(value).decode()


def members(obj: SnapshotObject, base: str, names: Iterable[str]) -> dict[str, Any]:
    """Members of what stands at a place, by name; the place "" is the whole object."""
    return {name: obj.get(f"{base}.{name}" if base else name) for name in names}


def members_text(values: Mapping[str, Any]) -> str:
    """`name: value` pairs as they are quoted; those without a value are left out."""
    return ", ".join(f"{name}: {value_text(value)}" for name, value in values.items() if value is not None) or NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One fact. `path` is a place in the object, or what the fact is about; `excerpt` is what stands there."""

    id: str
    kind: str
    ref: ObjectRef
    path: str
    excerpt: str
    observed_at: datetime | None
    trust: str

    @property
    def haystack(self) -> str:
        """All that a claim citing this may name."""
        return f"{self.where} {self.excerpt}"

    @property
    def where(self) -> str:
        return " ".join((self.ref.kind, self.ref.namespace or "", self.ref.name, self.path))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something somebody changed: `path` in the object, what stood there and what stands there now."""

    ref: ObjectRef
    path: str
    before: Any
    after: Any
    at: datetime | None
    manager: str | None
    evidence_id: str


class Notebook:
    """The evidence of one analysis, each fact once."""

    def __init__(self) -> None:
        self._facts: dict[str, Evidence] = {}

    def __getitem__(self, evidence_id: str) -> Evidence:
        return self._facts[evidence_id]

    def __contains__(self, evidence_id: object) -> bool:
        return evidence_id in self._facts

    def all(self) -> list[Evidence]:
        """Every fact, in the order they were put down."""
        return list(self._facts.values())

    def chosen(self, ids: Iterable[str]) -> list[Evidence]:
        """These facts in the order they were put down."""
        wanted = set(ids)
        return [fact for fact in self._facts.values() if fact.id in wanted]

    def object(self, obj: SnapshotObject, path: str) -> str:
        """What stands at a place of an object; that there is nothing, when there is nothing."""
        value = obj.get(path)
        return self._put(ABSENCE if value is None else OBJECT, obj.ref, path, value_text(value), at=None, trust=KUBE)

    def fields(self, obj: SnapshotObject, base: str, *names: str) -> str:
        """Some members of what stands at a place, as `name: value` pairs; those without a value are left out."""
        return self._put(OBJECT, obj.ref, base, members_text(members(obj, base, names)), at=None, trust=KUBE)

    def event(self, event: SnapshotObject, about: ObjectRef) -> str:
        """What a Kubernetes Event says about an object; not how often, or each repetition would be new evidence."""
        reporter = event.text("reportingComponent") or event.text("source.component")
        text = f"{event.text('reason')}: {event.text('message')}"
        return self._put(EVENT, about, "events", text, at=last_seen(event), trust=NODE if reporter in _BY_NODE else KUBE)

    def log(self, key: LogKey | SignKey, line: str) -> str:
        """One line a container wrote, as its log or the agent's report of it has it."""
        if isinstance(key, SignKey):
            return self._put(OBJECT, ObjectRef(LogSigns.kind, key.namespace, key.pod), key.path, line, at=None, trust=APP)
        ref = ObjectRef("Pod", key.namespace, key.pod)
        return self._put(LOG, ref, f"logs/{key.container}{' (previous)' if key.previous else ''}", line, at=None, trust=APP)

    def metric(self, ref: ObjectRef, what: str, text: str, *, at: datetime | None) -> str:
        """What a kubelet or the organization's Prometheus measured of an object, in words; `what` names the series."""
        return self._put(METRIC, ref, what, text, at=at, trust=NODE)

    def probe(self, ref: ObjectRef, result: ProbeResult) -> str:
        """What a probe from the agent's pod found. The same finding at another time is the same evidence."""
        trust = NODE if result.certificate is None else APP  # whose names the server wrote
        same = f"{probes.vantage_text(result.vantage)}: {probes.finding(result)}"
        return self._put(PROBE, ref, f"probe/{result.check}", probes.text(result), at=result.at, trust=trust, same=same)

    def absence(self, checked: Missing | Listing | SnapshotObject, ref: ObjectRef, what: str, text: str) -> str:
        """That something is not there. The snapshot read every such object, or the object that could have it. How many objects were
        checked is shown, and is not part of the id.
        """
        shown = text if isinstance(checked, SnapshotObject) else f"{text}; {checked.looked_at}"
        return self._put(ABSENCE, ref, what, shown, at=None, trust=KUBE, same=text)

    def relation(self, ref: ObjectRef, what: str, text: str) -> str:
        """What was counted or compared over several objects."""
        return self._put(RELATION, ref, what, text, at=None, trust=KUBE)

    def fact(self, ref: ObjectRef, facts: Mapping[str, Any], *names: str) -> str:
        """What the detector wrote down when the issue was seen: all that is left once the object is gone."""
        said = members_text({name: facts[name] for name in names if facts.get(name, "") != ""})
        return self._put(OBJECT, ref, DETECTED, said, at=None, trust=KUBE)

    def change(self, ref: ObjectRef, path: str, before: Any, after: Any, *, at: datetime | None, manager: str | None) -> Change:
        """A change of one field; with an empty `path`, that the object was created (`before` is None) or deleted."""
        said = f"{path}: {_short(before)} → {_short(after)}" if path else "created" if before is None else "deleted"
        id_ = self._put(CHANGE, ref, path, said + (f" by {manager}" if manager else ""), at=at, trust=KUBE)
        return Change(ref=ref, path=path, before=before, after=after, at=at, manager=manager, evidence_id=id_)

    def _put(self, kind: str, ref: ObjectRef, path: str, text: str, *, at: datetime | None, trust: str, same: str | None = None) -> str:
        """`same`: what the id is made of instead of the text."""
        shown = excerpt(text)
        parts = (kind, ref.kind, ref.namespace or "", ref.name, path, shown if same is None else excerpt(same))
        id_ = "ev_" + hashlib.sha256("\x00".join(parts).encode("utf-8", "replace")).hexdigest()[:16]
        self._facts.setdefault(id_, Evidence(id=id_, kind=kind, ref=ref, path=plain(path, 200), excerpt=shown, observed_at=at, trust=trust))
        return id_


def _short(value: Any) -> str:
    return plain(value_text(value), 160)
