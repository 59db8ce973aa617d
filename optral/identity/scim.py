"""Users and groups that an identity provider keeps here by SCIM 2.0 (RFC 7643, 7644), as values. No I/O.

A resource comes and goes as a document: a plain dict of the attributes in `ATTRIBUTES` under their canonical names. What else a provider
sends is ignored. Documents are changed (`patched`), checked, and only then become a `ScimUser` or `ScimGroup`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from optral.identity import scim_filter
from optral.identity.scim_filter import PATH, invalid

MAX_USERS = 20_000
MAX_GROUPS = 2_000
MAX_GROUP_MEMBERS = 10_000
MAX_OPERATIONS = 200
MAX_EMAILS = 20
OLD_TOKEN_LIFE = timedelta(hours=24)
"""How long a token works on after its rotation."""
CORE = "urn:ietf:params:scim:schemas:core:2.0:"
Document = dict[str, Any]


class Kind(StrEnum):
    USER = "User"
    GROUP = "Group"

    @property
    def schema(self) -> str:
        return CORE + self.value


ATTRIBUTES: Mapping[Kind, Mapping[str, tuple[str, ...] | None]] = {
    Kind.USER: {
        "userName": None,
        "externalId": None,
        "displayName": None,
        "active": None,
        "name": ("formatted", "familyName", "givenName"),
        "emails": ("value", "type", "primary"),
    },
    Kind.GROUP: {"displayName": None, "externalId": None, "members": ("value", "type", "$ref")},
}
"""What is kept, with the sub-attributes of what is complex."""
_LISTS = {"emails": MAX_EMAILS, "members": MAX_GROUP_MEMBERS}
_REQUIRED = {Kind.USER: frozenset({"userName", "active"}), Kind.GROUP: frozenset({"displayName"})}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScimToken:
    """The token with which a provider calls, as an HMAC. The one from before the last rotation works until `old_until`."""

    provider_id: str
    org_id: str
    hint: str
    digest: bytes = field(repr=False)
    old_digest: bytes | None = field(default=None, repr=False)
    old_until: datetime | None = None
    networks: frozenset[str] | None = None
    created_by: str
    created_at: datetime
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScimUser:
    """`member_id`: the member that this is, once known. `has_ended`: the provider ended that membership, and may give it back.
    `is_removed`: somebody else ended it. `is_active`: what the provider said.
    """

    id: str
    org_id: str
    provider_id: str
    user_name: str
    user_key: str
    """`user_name` in lower case."""
    external_id: str | None
    display_name: str | None
    email: str | None
    """The primary address, or `user_name` if it is one; in lower case."""
    is_active: bool
    more: Mapping[str, Any]
    """The attributes `name` and `emails`."""
    member_id: str | None = None
    has_ended: bool = False
    is_removed: bool = False
    created_at: datetime
    updated_at: datetime
    revision: int = 1

    @property
    def document(self) -> Document:
        active = self.is_active and not self.is_removed
        found = {"userName": self.user_name, "externalId": self.external_id, "displayName": self.display_name, "active": active}
        return {name: value for name, value in (found | dict(self.more)).items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScimGroup:
    """A group; who is in it stands apart."""

    id: str
    org_id: str
    provider_id: str
    display_name: str
    external_id: str | None
    created_at: datetime
    updated_at: datetime
    revision: int = 1

    @property
    def names(self) -> list[str]:
        """What a rule can call it."""
        return [self.display_name] if self.external_id is None else [self.display_name, self.external_id]

    @property
    def document(self) -> Document:
        shown = {"displayName": self.display_name}
        return shown if self.external_id is None else shown | {"externalId": self.external_id}


def claims(groups: Sequence[ScimGroup]) -> dict[str, Any]:
    """What the rules of the provider see of a provisioned person: its groups, and nothing else."""
    return {"groups": [name for group in groups for name in group.names]}


def read(kind: Kind, given: Any) -> Document:
    """The known attributes of what was sent, under their canonical names. Raises `ScimInvalid`."""
    if not isinstance(given, dict):
        raise invalid("invalidSyntax", "send a JSON object")
    found: Document = {}
    for name, value in given.items():
        if (known := _canonical(ATTRIBUTES[kind], name)) is not None and value is not None:
            found[known] = _attribute(kind, known, value)
    return found


def user_values(document: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a `ScimUser` that the provider decides. Raises `ScimInvalid`."""
    user_name = _text(document.get("userName"), "userName", 255)
    if user_name is None:
        raise invalid("invalidValue", "userName is required")
    emails = document.get("emails", [])
    if len(emails) > MAX_EMAILS:
        raise invalid("invalidValue", f"a user has at most {MAX_EMAILS} emails")
    for one in emails:
        if _text(one.get("value"), "emails.value", 254) is None:
            raise invalid("invalidValue", "emails: each needs a value")
        _text(one.get("type"), "emails.type", 100)
    for sub, text in document.get("name", {}).items():
        _text(text, f"name.{sub}", 200)
    address = next((one["value"] for one in emails if one.get("primary")), emails[0]["value"] if emails else None)
    address = address or (user_name if "@" in user_name else None)
    return {
        "user_name": user_name,
        "user_key": _text(user_name.lower(), "userName", 255),
        "external_id": _text(document.get("externalId"), "externalId", 255),
        "display_name": _text(document.get("displayName"), "displayName", 200),
        "email": None if address is None else address.strip().lower()[:254],
        "is_active": document.get("active", True),
        "more": {name: document[name] for name in ("name", "emails") if document.get(name)},
    }


def group_values(document: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a `ScimGroup` that the provider decides. Raises `ScimInvalid`."""
    name = _text(document.get("displayName"), "displayName", 255)
    if name is None:
        raise invalid("invalidValue", "displayName is required")
    return {"display_name": name, "external_id": _text(document.get("externalId"), "externalId", 255)}


def member_ids(document: Mapping[str, Any]) -> set[str]:
    """The users of a group. Raises `ScimInvalid`."""
    found = {_text(one.get("value"), "members.value", 100) or "" for one in document.get("members", [])}
    if len(found) > MAX_GROUP_MEMBERS:
        raise invalid("invalidValue", f"a group has at most {MAX_GROUP_MEMBERS} members")
    return found


def patched(kind: Kind, document: Document, body: Any) -> Document:
    """The document after the operations of a PATCH request (RFC 7644, 3.5.2), all or none. Raises `ScimInvalid`.

    What providers send beyond it is taken too: verbs in any case, booleans as text, paths as names in a value without a path, and the
    members to remove as a value.
    """
    given = {name.lower(): value for name, value in body.items()} if isinstance(body, dict) else {}
    operations = given.get("operations")
    if not isinstance(operations, list) or not 1 <= len(operations) <= MAX_OPERATIONS:
        raise invalid("invalidSyntax", f"Operations: send a list of 1 to {MAX_OPERATIONS}")
    after = {name: [dict(one) for one in value] if name in _LISTS else value for name, value in document.items()}
    for one in operations:
        if not isinstance(one, dict) or not isinstance(one.get("op"), str):
            raise invalid("invalidSyntax", "each operation needs op: add, replace or remove")
        _operate(kind, after, one["op"].lower(), one.get("path") or "", one.get("value"))
    return after


def _operate(kind: Kind, document: Document, verb: str, path: Any, value: Any) -> None:
    if verb not in ("add", "replace", "remove"):
        raise invalid("invalidSyntax", f"{verb[:20]} is not add, replace or remove")
    if path:
        _apply(kind, document, verb, path, value)
    elif verb == "remove":
        raise invalid("noTarget", "remove needs a path")
    elif not isinstance(value, dict):
        raise invalid("invalidValue", "without a path, value must be an object")
    else:
        for name, one in value.items():
            _apply(kind, document, verb, name, one)


class _Target(NamedTuple):
    """What an operation changes: an attribute, of a list only what matches, and of an object only one member."""

    name: str
    condition: str | None
    sub: str | None


def _apply(kind: Kind, document: Document, verb: str, path: Any, value: Any) -> None:
    if (target := _target(kind, path)) is None:
        return
    verb, name = "remove" if value is None else verb, target.name
    if verb == "remove" and target.sub is None and target.condition is None and name in _REQUIRED[kind]:
        raise invalid("mutability", f"{name} is required and cannot be removed")
    if name in _LISTS:
        change = _change_list if target.condition is None and target.sub is None else _change_elements
        change(kind, document, verb, target, value)
        if len(document[name]) > _LISTS[name]:
            raise invalid("invalidValue", f"{name}: at most {_LISTS[name]:,} can be kept")
    elif ATTRIBUTES[kind][name] is not None:
        _change_complex(kind, document, verb, name, target.sub, value)
    elif verb == "remove":
        document.pop(name, None)
    else:
        document[name] = _attribute(kind, name, value)


def _target(kind: Kind, path: Any) -> _Target | None:
    """What a path names; None for what is not kept. Raises `ScimInvalid`."""
    bare = _bare(kind, path) if isinstance(path, str) else ""
    if bare.lower().startswith("urn:"):
        return None  # of an extension
    if (found := PATH.fullmatch(bare)) is None:
        raise invalid("invalidPath", f"not a path: {str(path)[:100]}")
    name = _canonical(ATTRIBUTES[kind], found["name"])
    if name is None or found["sub"] is None:
        return None if name is None else _Target(name, found["filter"], None)
    sub = _canonical(dict.fromkeys(ATTRIBUTES[kind][name] or ()), found["sub"])
    return None if sub is None else _Target(name, found["filter"], sub)


def _change_complex(kind: Kind, document: Document, verb: str, name: str, sub: str | None, value: Any) -> None:
    before = dict(document.get(name, {}))
    if verb == "remove":
        before = {} if sub is None else {one: kept for one, kept in before.items() if one != sub}
    else:
        before |= _attribute(kind, name, value if sub is None else {sub: value})
    document[name] = before
    if not before:
        del document[name]


def _change_list(kind: Kind, document: Document, verb: str, target: _Target, value: Any) -> None:
    name, given = target.name, [] if value is None else _attribute(kind, target.name, value)
    values = {one.get("value") for one in given}
    rest = [one for one in document.get(name, []) if one.get("value") not in values]
    if verb == "remove":
        document[name] = rest if given else []
    else:
        document[name] = given if verb == "replace" else rest + given


def _change_elements(kind: Kind, document: Document, verb: str, target: _Target, value: Any) -> None:
    name, sub = target.name, target.sub
    present: list[dict[str, Any]] = document.setdefault(name, [])
    node = None if target.condition is None else scim_filter.parse(target.condition, most=scim_filter.MAX_IN_PATH)
    chosen = [one for one in present if node is None or scim_filter.matches(node, one)]
    if verb == "remove":
        gone = {id(one) for one in chosen}
        document[name] = [kept for one in present if (kept := _without(one, sub) if id(one) in gone else one)]
        return
    if not chosen:
        chosen = [_attribute(kind, name, _described(name, node))[0]]
        present.extend(chosen)
    change = _attribute(kind, name, value if sub is None else {sub: value})
    if len(change) != 1:
        raise invalid("invalidValue", f"{name}: with a filter, value must be one object")
    for one in chosen:
        one.update(change[0])


def _without(one: dict[str, Any], sub: str | None) -> dict[str, Any]:
    return {} if sub in (None, "value") else {name: value for name, value in one.items() if name != sub}


def _described(name: str, node: scim_filter.Node | None) -> dict[str, Any]:
    """The element that the filter describes, which is added if there is none, as Microsoft Entra ID expects."""
    found = None if node is None else scim_filter.described(node)
    if found is None:
        raise invalid("noTarget", f"{name}: nothing matches the filter")
    return found


def _attribute(kind: Kind, name: str, value: Any) -> Any:
    """The value of an attribute in its one form. Raises `ScimInvalid`."""
    subs = ATTRIBUTES[kind][name]
    if name in _LISTS:
        return [_complex(name, subs or (), one) for one in (value if isinstance(value, list) else [value])]
    if subs is not None:
        return _complex(name, subs, value)
    return _boolean(name, value) if name == "active" else value


def _complex(name: str, subs: Sequence[str], value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise invalid("invalidValue", f"{name} must be an object, or a list of objects")
    found = {}
    for given, one in value.items():
        if (sub := _canonical(dict.fromkeys(subs), given)) is not None and one is not None:
            if sub == "value" and not isinstance(one, str):
                raise invalid("invalidValue", f"{name}.value must be text")
            found[sub] = _boolean(f"{name}.{sub}", one) if sub == "primary" else one
    return found


def _boolean(name: str, value: Any) -> bool:
    """Some providers send booleans as text."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise invalid("invalidValue", f"{name} must be true or false")


def _text(value: Any, name: str, longest: int) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > longest or not value.isprintable():
        raise invalid("invalidValue", f"{name} must be text of at most {longest} printable characters")
    return value


def _canonical(known: Mapping[str, Any], name: Any) -> str | None:
    wanted = str(name).lower()
    return next((one for one in known if one.lower() == wanted), None)


def _bare(kind: Kind, path: str) -> str:
    """The path without the URN of its schema."""
    prefix = kind.schema + ":"
    return path[len(prefix) :] if path.lower().startswith(prefix.lower()) else path
