"""Which objects an object of any kind names: what it refers to, what it reports about its parts, and what its messages name.

A reference is a member whose key ends in `Ref` or `Refs`, an entry of `dependsOn`, or a group of members with `kind` and `name`. In a
status, such a group counts only if its state names a failure: an inventory of healthy parts leads nowhere. References to what an object
belongs to (`claimRef`, `ownerRef`) are left out: they lead back.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from optral.kube.health import State
from optral.kube.health.model import Tree, text

MAX_REFERENCES = 24
MAX_DEPTH = 8
MAX_NODES = 600
PART = "part"
"""The role of an object that a status reports as failed."""
_LEFT_OUT = frozenset({"template", "templates", "values", "history", "managedFields", "conditions", "lastAppliedSpec", "containers"})
_BACK = frozenset({"claimRef", "ownerRef", "ownerRefs", "controllerRef", "involvedObject", "compositeTypeRef"})
_OUTPUTS = frozenset({"target", "destination", "output"})
_ROLE = re.compile(r"(?:To)?(?:Key)?(?:Refs?|References?)$")
_STATES = ("health", "status", "phase", "state", "hookPhase")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")
_NAME = r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?"
_IS_NAME = re.compile(_NAME)
_NOT_FOUND = re.compile(
    rf"\b([A-Za-z][A-Za-z0-9.-]*[A-Za-z0-9]) [\"'](?:({_NAME})/)?({_NAME})[\"'] (?:is |was )?(?:not found|does not exist)", re.ASCII
)
_NAMED = re.compile(rf"\b([A-Z][A-Za-z0-9]+)(?:\.[a-z0-9.-]+)?(?:/| [\"']?)(?:({_NAME})/)?({_NAME})", re.ASCII)
_WAITS = re.compile(
    r"not ready|not found|waiting|wait for|dependenc|upstream|does ?n[o']t exist|no such|unhealthy|not healthy|unavailable", re.I
)


class Reference(NamedTuple):
    """An object that is named. `kind` is as it was written, with its group if that is known; "" where only the role tells it.

    `namespace` is empty where it is not written.
    """

    role: str
    kind: str
    namespace: str
    name: str

    @property
    def is_output(self) -> bool:
        """Whether the object is one that the controller makes: `target` of an ExternalSecret, `writeConnectionSecretToRef`."""
        return self.role in _OUTPUTS or self.role.endswith("ToRef")

    @property
    def short_kinds(self) -> tuple[str, ...]:
        """The kinds that it may mean: `passwordSecretRef` is a PasswordSecret or a Secret."""
        if self.kind:
            return (self.kind.partition(".")[0],)
        found = _WORD.findall(_ROLE.sub("", self.role))
        return tuple("".join(word[:1].upper() + word[1:] for word in found[at:]) for at in range(len(found)))

    def is_of(self, kind: str) -> bool:
        """Whether it may mean an object of this `Kind.id`."""
        short, _, group = kind.partition(".")
        written = self.kind.partition(".")[2]
        return short in self.short_kinds and (not written or written == group)


def of(kind: str, tree: Tree) -> list[Reference]:
    """What an object of this `Kind.id` refers to in its spec, and the parts that its status reports as failed; each once."""
    found = [*_walk(kind, tree.get("spec"), in_status=False), *_walk(kind, tree.get("status"), in_status=True)]
    return list(dict.fromkeys(found))[:MAX_REFERENCES]


def named_in(message: str) -> list[Reference]:
    """The objects that a message names with their kind: `Deployment/shop/web`, `HelmChart 'flux/web'`."""
    return [Reference("", *match.groups(default="")) for match in _NAMED.finditer(message[:2000])]


def missing_in(message: str) -> list[Reference]:
    """The objects that a message reports as not found, in the words of the API server: `secrets "login" not found`. A resource (`secrets`)
    stays as it is written."""
    return [Reference("", *match.groups(default="")) for match in _NOT_FOUND.finditer(message[:2000])]


def names_kind(word: str, kind: str) -> bool:
    """Whether a word of a message is a kind or its resource: `secrets`, `clusterissuers.cert-manager.io`, `Secret`."""
    written, short = word.partition(".")[0].casefold(), kind.partition(".")[0].casefold()
    return written in (short, f"{short}s", f"{short}es", f"{short[:-1]}ies")


def names(text: str, name: str) -> bool:
    """Whether a text contains this name as a whole word."""
    return re.search(rf"(?<![A-Za-z0-9._-]){re.escape(name)}(?![A-Za-z0-9_-])", text) is not None


def may_explain(reference: Reference, said: str, reported: str) -> bool:
    """Whether what an object says (`said`) can be about the object that it refers to, which reports a failure of its own (`reported`)."""
    if reference.role == PART or not said.strip() or _WAITS.search(said) or names(said, reference.name):
        return True
    words = [*_WORD.findall(_ROLE.sub("", reference.role))[-1:], *reference.short_kinds]
    lower = said.casefold()
    return any(names(lower, word.casefold()) for word in words if word) or (bool(reported) and reported.casefold() in lower)


def _walk(kind: str, root: Any, *, in_status: bool) -> Iterator[Reference]:
    waiting: list[tuple[str, Any, int]] = [("", root, 0)]
    for _ in range(MAX_NODES):
        if not waiting:
            return
        role, node, depth = waiting.pop(0)
        if isinstance(node, dict):
            found = _reference(kind, role, node, in_status=in_status)
            if found is not None:
                yield found
            members = [(str(key), value) for key, value in list(node.items())[:60] if key not in _LEFT_OUT and key not in _BACK]
        else:
            members = [(role, value) for value in node[:200]] if isinstance(node, list) else []
        if depth < MAX_DEPTH:
            waiting += [(key, value, depth + 1) for key, value in members if isinstance(value, (dict, list))]


def _reference(kind: str, role: str, node: Tree, *, in_status: bool) -> Reference | None:
    name, written = text(node, "name"), text(node, "kind")
    is_reference = _ROLE.search(role) is not None or role == "dependsOn" or role in _OUTPUTS
    if not (is_reference or written) or _IS_NAME.fullmatch(name) is None or (in_status and not is_reference and not _is_failing(node)):
        return None
    full = _full_kind(node, written) if written else kind if role == "dependsOn" else ""
    return Reference(role if is_reference or not in_status else PART, full, text(node, "namespace"), name)


def _full_kind(node: Tree, written: str) -> str:
    group = text(node, "group") or text(node, "apiGroup") or text(node, "apiVersion").rpartition("/")[0]
    return f"{written}.{group}" if group else written


def _is_failing(entry: Tree) -> bool:
    """Whether an entry about a part says that the part failed."""
    from optral.kube.health import lexicon  # as `health.assess`: only processes with custom resources pay for it

    states = (text(entry, name) or text(entry, name, "status") for name in _STATES)
    return any(lexicon.meaning(state) is State.DEGRADED for state in states if state)
