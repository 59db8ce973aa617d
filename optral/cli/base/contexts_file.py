"""The contexts file: servers that this user logged in to, and the API key for each.

It is YAML, only its owner can read it, and it is replaced as a whole. A key can be in the system's keyring instead: then the file has none.
"""

import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from optral.terms.errors import Misconfigured

KEYRING_SERVICE = "optral"
PRIVATE = 0o600
_TEXT_FIELDS = ("url", "key", "email", "organization", "expires", "key-id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """A server and a login there. `key` is empty while the key is in the keyring. `expires` is RFC 3339, or empty."""

    name: str
    url: str
    key: str = field(default="", repr=False)
    in_keyring: bool = False
    email: str = ""
    organization: str = ""
    expires: str = ""
    key_id: str = ""
    is_temporary: bool = False
    """Of a server that `optral demo` or `optral up` runs; removed when that ends."""

    def secret(self) -> str:
        """The API key. Raises `Misconfigured` when it is in a keyring that cannot be read."""
        if not self.in_keyring:
            return self.key
        found = _keyring("get_password", self)
        if not found:
            raise Misconfigured(
                "keyring_unreadable",
                say=f"the key of context {self.name} is not in the system's keyring, or it cannot be read; run `optral login` again",
            )
        return str(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contexts:
    """All contexts by name, and the name of the current one ("": none)."""

    current: str = ""
    known: Mapping[str, Context] = field(default_factory=dict)

    def get(self, name: str) -> Context:
        """Raises `Misconfigured` for an unknown name."""
        if name not in self.known:
            names = ", ".join(sorted(self.known)) or "there are none; run `optral login URL`"
            raise Misconfigured("context_unknown", say=f"no context is named {name!r}; contexts: {names}")
        return self.known[name]

    def for_url(self, url: str) -> Context | None:
        """The context of a server: the current one if it fits, else the first by name."""
        fits = [one for one in self.known.values() if same_url(one.url, url)]
        return next((fit for fit in fits if fit.name == self.current), min(fits, key=lambda one: one.name, default=None))

    def with_one(self, context: Context, *, is_current: bool) -> "Contexts":
        """With this context added or replaced."""
        return replace(self, known={**self.known, context.name: context}, current=context.name if is_current else self.current)

    def without(self, name: str) -> "Contexts":
        """Without this context; no other becomes the current one."""
        known = {other: one for other, one in self.known.items() if other != name}
        return replace(self, known=known, current="" if self.current == name else self.current)


def same_url(one: str, other: str) -> bool:
    return one.rstrip("/").lower() == other.rstrip("/").lower()


def path() -> Path:
    """OPTRAL_CONFIG, else `optral/config.yaml` in XDG_CONFIG_HOME, which is `~/.config` by default."""
    if given := os.environ.get("OPTRAL_CONFIG"):
        return Path(given)
    home = os.environ.get("XDG_CONFIG_HOME") or Path("~/.config").expanduser()
    return Path(home) / "optral" / "config.yaml"


def read() -> Contexts:
    """The contexts; none where there is no file. Raises `Misconfigured` for a file that cannot be read."""
    place = path()
    try:
        text = place.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Contexts()
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(place, getattr(error, "strerror", None) or "it is not UTF-8 text") from error
    if place.stat().st_mode & 0o077:
        sys.stderr.write(f"optral: other users can read {place}; run: chmod 600 {place}\n")
    return _parsed(place, text)


def write(contexts: Contexts) -> None:
    """Replace the file; only its owner can read it. Raises `Misconfigured` where it cannot be written."""
    from optral.kit import yamls

    place = path()
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, draft = tempfile.mkstemp(dir=place.parent, prefix=".config-")  # mode 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(yamls.dumped(_tree(contexts)))
            Path(draft).replace(place)
        finally:
            Path(draft).unlink(missing_ok=True)
    except OSError as error:
        raise Misconfigured("contexts_unwritable", say=f"cannot write {place}: {error.strerror}") from error


def stored(context: Context, secret: str, *, use_keyring: bool) -> Context:
    """The context with its key in the keyring if there is one, otherwise in the file."""
    if use_keyring:
        _keyring("set_password", context, secret)
        if _keyring("get_password", context) == secret:
            return replace(context, key="", in_keyring=True)
    return replace(context, key=secret, in_keyring=False)


def forget_secret(context: Context) -> None:
    """Remove the key from the keyring, where it is there."""
    if context.in_keyring:
        _keyring("delete_password", context)


def _keyring(verb: str, context: Context, *more: str) -> Any:
    """Call the package `keyring`, an optional extra, for the entry of a context; None where it fails.

    An entry is named by URL too, so that a key is never read for another server.
    """
    import importlib

    try:
        return getattr(importlib.import_module("keyring"), verb)(KEYRING_SERVICE, f"{context.name} {context.url}", *more)
    except Exception:  # noqa: BLE001 - no package, no backend, a locked one: each backend raises what its service raises
        return None


def _parsed(place: Path, text: str) -> Contexts:
    import yaml

    from optral.kit import yamls

    try:
        tree = yaml.load(text, Loader=yamls.LOADER) or {}  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise _unreadable(place, str(error).splitlines()[0]) from error
    rows = tree.get("contexts", {}) if isinstance(tree, dict) else None
    if not isinstance(rows, dict) or not all(isinstance(row, dict) and row.get("url") for row in rows.values()):
        raise _unreadable(place, "`contexts` must have a `url` for each name")
    known = {str(name): _context(str(name), row) for name, row in rows.items()}
    current = str(tree.get("current") or "")
    return Contexts(current=current if current in known else "", known=known)


def _context(name: str, row: Mapping[str, Any]) -> Context:
    texts = {member.replace("-", "_"): str(row.get(member) or "") for member in _TEXT_FIELDS}
    return Context(name=name, in_keyring=row.get("keyring") is True, is_temporary=row.get("temporary") is True, **texts)


def _tree(contexts: Contexts) -> dict[str, Any]:
    rows = {}
    for name, one in sorted(contexts.known.items()):
        row: dict[str, Any] = {member: value for member in _TEXT_FIELDS if (value := getattr(one, member.replace("-", "_")))}
        rows[name] = row | ({"keyring": True} if one.in_keyring else {}) | ({"temporary": True} if one.is_temporary else {})
    return {"current": contexts.current, "contexts": rows}


def _unreadable(place: Path, reason: str) -> Misconfigured:
    return Misconfigured("contexts_unreadable", say=f"cannot read {place}: {reason}; fix or delete the file, then run `optral login`")
