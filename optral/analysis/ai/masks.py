"""Names in the place of which a model gets tokens: the same token for the same name within one run, and names again in what it answers.

Masked are names of objects, namespaces and the cluster, host names and IP addresses. Kinds, fields, reasons and messages stay, or nothing
could be explained. In an answer a name is written as the object has it. Ids of evidence stay. A token has a tag drawn for each run, so that
no text of a cluster can contain one.
"""

import re
import secrets
from collections.abc import Callable, Iterable

_ADDRESS = re.compile(
    r"(?<![\w.])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){3,7}"
    r"|(?:(?:[0-9a-f]{1,4}:)+:|::(?=[0-9a-f]))(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4})*)?"
    r"|(?:[^\W_](?:[^\W_]|-){0,62}+\.){1,20}[^\W\d_]{2,})(?!\.?\w)",  # without bounds, a long line takes seconds
    re.IGNORECASE,
)
_PUBLIC = re.compile(
    r"^(?:(?:spec|status|metadata|data|rules|webhooks|type|roleRef|subjects)\..*|.*\b(?:k8s|kubernetes)\.io|v\d\w*)$", re.IGNORECASE
)
"""Paths of fields and the API groups and labels of Kubernetes, which look like host names."""
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")


class Masks:
    """The tokens of one run. `names`: name to its kind, in lower case; without any, nothing is masked but addresses. See `NOTHING`."""

    def __init__(self, names: Iterable[tuple[str, str]], *, is_on: bool = True) -> None:
        self.is_on = is_on
        self._tag = secrets.token_hex(3)
        exact = {name: kind for kind, name in names if name}
        self._known = {name.casefold(): name for name in reversed(exact)} | {name: name for name in exact}
        self._kinds = {name.casefold(): kind for name, kind in reversed(exact.items())} | exact
        longest = sorted(self._kinds, key=lambda name: (-len(name), name))
        self._names = re.compile(rf"(?<![a-z0-9])(?:{'|'.join(map(re.escape, longest))})(?![a-z0-9])", re.IGNORECASE) if longest else None
        self._tokens: dict[str, str] = {}
        self._originals: dict[str, str] = {}
        self._token = re.compile(rf"(?<![a-z0-9])[a-z]+-{self._tag}-\d+|\bev_[0-9a-f]{{16}}\b", re.IGNORECASE)

    def mask(self, text: str) -> str:
        if not self.is_on:
            return text
        text = _ADDRESS.sub(lambda found: found[0] if _PUBLIC.match(found[0]) else self._of(found[0], "host"), text)
        return self._with_names(text, self._named)

    def original(self, text: str) -> str:
        """A text with the names that its tokens stand for. Empty if it has a name or address itself: it can only have been guessed."""
        return self.unmask(text) if self.mask(text) == text else ""

    def unmask_tokens_alone(self, text: str, *, public: str) -> str:
        """As `unmask`, with `unknown` in place of each name that the text has itself. Words of `public` are not secret."""
        words = set(_WORD.findall(public.casefold()))
        return self.unmask(self._with_names(text, lambda name: name if name.casefold() in words else "unknown"))

    def unmask(self, text: str) -> str:
        return self._token.sub(lambda found: self._originals.get(found[0].casefold(), found[0]), text) if self.is_on else text

    def _with_names(self, text: str, written: Callable[[str], str]) -> str:
        """The text with its names as they are to be written; tokens stay."""
        if self._names is None:
            return text
        parts, kept = self._token.split(text), [*self._token.findall(text), ""]
        changed = [self._names.sub(lambda found: written(found[0]), part) for part in parts]
        return "".join(text for pair in zip(changed, kept, strict=True) for text in pair)

    def _named(self, found: str) -> str:
        """The token of the object that has this name, or else of the one that has it in other letters."""
        name = found if found in self._known else found.casefold()
        return self._of(self._known[name], self._kinds[name])

    def _of(self, name: str, kind: str) -> str:
        key = name if name in self._known else name.casefold()
        if key not in self._tokens:
            token = f"{kind}-{self._tag}-{len(self._tokens) + 1}"
            self._tokens[key], self._originals[token] = token, name
        return self._tokens[key]


NOTHING = Masks((), is_on=False)
