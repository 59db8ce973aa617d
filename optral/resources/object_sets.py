"""What groups of objects have in common and seldom changes: their namespace, base name and labels. Search and label filters look there.

The pods of a workload share all of it, so there are far fewer such *sets* than objects, and a change of an object moves none of their rows.
An object has the number of its set in its row. Words and labels lead to sets, and sets to objects, each by an index.
"""

import hashlib
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import msgspec

from optral.kube import owners
from optral.terms.refs import ObjectRef

MAX_TERM = 64
"""Characters of a name that are compared from the beginning of a word."""
MAX_LABEL = 400
"""Characters of a label that are compared; Kubernetes allows 381."""
_GENERATED = "bcdfghjklmnpqrstvwxz2456789"  # of suffixes that Kubernetes generates: no vowels
_OF_POD = re.compile(rf"(?:-[{_GENERATED}]{{8,10}})?-[{_GENERATED}]{{5}}$")
_WORD = re.compile(r"[a-z0-9]+")
_LETTERS = re.compile(r"[a-z]+")
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
# A word that people may look for by a part of it, and letters before digits (`oauth2`) or after one (`k8sworker`). The letters of a
# hexadecimal hash do not count, nor does what follows longer numbers, or there would be as many words as names.
_SPEAKABLE = re.compile(r"(?=[a-z]*[aeiouy])[a-z]{3,}$|(?:[a-z]{0,2}[0-9](?=[a-z]{4}))?(?=[a-z]*[aeiouy])(?=[a-z]*[g-z])[a-z]{3,}")
_SPOKEN = re.compile(r"(?=.*[aeiouy])[a-z]+")


class ObjectSet(NamedTuple):
    """Objects of one namespace of a cluster with the same base name and labels. `is_derived`: their names are longer than the base name.

    `number` is made of everything else; `labels` is their JSON, sorted by name.
    """

    number: int
    namespace: str
    name: str
    is_derived: bool
    labels: str


def set_of(cluster_id: str, namespace: str, name: str, owner_kind: str | None, owner_name: str | None, labels: str) -> ObjectSet:
    """The set of an object with these labels (JSON, sorted by name)."""
    base = base_name(name, owner_kind, owner_name, labels)
    return _set(cluster_id, namespace, base, base != name, labels)


def base_name(name: str, owner_kind: str | None, owner_name: str | None, labels: str) -> str:
    """The name without what a controller appends: `api` for the pod `api-7d4f8b9c6-xk2lm`; the name itself of what nothing owns."""
    if not owner_kind or not owner_name or not (name == owner_name or name.startswith(f"{owner_name}-")):
        return name
    return _base_of_owned(owner_kind, owner_name, labels)


# What objects have in common is computed once for all of them.


@lru_cache(maxsize=16_384)
def _set(cluster_id: str, namespace: str, name: str, is_derived: bool, labels: str) -> ObjectSet:
    said = "\0".join((cluster_id, namespace, name, str(is_derived), labels))
    number = int.from_bytes(hashlib.blake2b(said.encode(), digest_size=8).digest(), "big") >> 1
    return ObjectSet(number, namespace, name, is_derived, labels)


@lru_cache(maxsize=16_384)
def _base_of_owned(owner_kind: str, owner_name: str, labels: str) -> str:
    if owner_kind == "Pod":
        return _OF_POD.sub("", owner_name) or owner_name
    return owners.guess_above(ObjectRef(owner_kind, None, owner_name), msgspec.json.decode(labels, type=dict[str, str])).name


def terms(name: str) -> dict[str, int]:
    """The name from the beginning of each of its words, in lower case, each with the place where it begins."""
    lowered = name.lower()
    found: dict[str, int] = {lowered[:MAX_TERM]: 0}
    for word in _WORD.finditer(lowered):
        found.setdefault(lowered[word.start() : word.start() + MAX_TERM], word.start())
    return found


def words(name: str) -> Iterator[str]:
    """The words of a name that people may look for by a part of them, each as far as its letters go: `oauth` of `oauth2`."""
    return (found[0][:MAX_TERM] for word in _WORD.findall(name.lower()) if (found := _SPEAKABLE.match(word)))


def spellings(text: str) -> list[str]:
    """The text as names may have it: an IPv4 address also with hyphens, as in the name of a node of EKS."""
    return [text, text.replace(".", "-")] if _IPV4.fullmatch(text) else [text]


def first_word(text: str) -> str:
    """The first word of a text in lower case; empty without one."""
    found = _WORD.search(text)
    return found[0] if found else ""


def first_letters(text: str) -> str:
    """The letters with which a text in lower case begins; empty without one."""
    found = _LETTERS.match(text)
    return found[0] if found else ""


def may_be_generated(text: str) -> bool:
    """Whether the text may be a part of what a controller appends to a name, of which sets know nothing; also if it begins with no word."""
    return _WORD.match(text) is None or not any(_SPOKEN.fullmatch(word) for word in _WORD.findall(text))


def labels_of(labels: str) -> list[str]:
    """Labels as they are kept: `name=value`."""
    return [label_term(name, value) for name, value in msgspec.json.decode(labels, type=dict[str, str]).items()]


def label_term(name: str, value: str) -> str:
    return f"{name}={value}"[:MAX_LABEL]
