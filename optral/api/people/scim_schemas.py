"""What `/scim/v2` says of itself (RFC 7643, sections 5 to 7): its features, its resource types and their schemas."""

from collections.abc import Mapping
from typing import Any

from optral.identity.scim import ATTRIBUTES, CORE, Kind

ENDPOINTS = {Kind.USER: "/Users", Kind.GROUP: "/Groups"}
_FEATURES = ("bulk", "changePassword", "sort")
_NAMES = {"formatted": "Name to display", "familyName": "Last name", "givenName": "First name"}
_SUBS = {**_NAMES, "value": "The value", "type": "Its label", "primary": "Whether it is the preferred one", "$ref": "URI of the resource"}
_TEXTS = {
    "userName": "Name that the provider knows the user by, often an email address",
    "displayName": "Name to display; of a group, what rules name it by",
    "active": "Whether the user has access; without it in a request, true",
    "name": "Parts of the name",
    "emails": "Email addresses; the primary one is compared with that of the sign-in",
    "members": "Users in the group",
}


def features(base: str, max_results: int) -> dict[str, Any]:
    scheme = {"type": "oauthbearertoken", "name": "SCIM token", "description": "optral identity scim create", "primary": True}
    shown: dict[str, Any] = {name: {"supported": False} for name in _FEATURES}
    shown["bulk"] |= {"maxOperations": 0, "maxPayloadSize": 0}
    shown |= {"patch": {"supported": True}, "etag": {"supported": True}, "filter": {"supported": True, "maxResults": max_results}}
    return _described(base, "ServiceProviderConfig", "/ServiceProviderConfig", shown | {"authenticationSchemes": [scheme]})


def resource_types(base: str) -> dict[str, dict[str, Any]]:
    """By id."""
    return {
        kind.value: _described(
            base,
            "ResourceType",
            f"/ResourceTypes/{kind.value}",
            {"id": kind.value, "name": kind.value, "endpoint": ENDPOINTS[kind], "schema": kind.schema},
        )
        for kind in Kind
    }


def schemas(base: str) -> dict[str, dict[str, Any]]:
    """By URN."""
    found = {kind.schema: _schema(kind.schema, kind.value, [_attribute(kind, *one) for one in ATTRIBUTES[kind].items()]) for kind in Kind}
    for name in ("ServiceProviderConfig", "ResourceType", "Schema"):
        urn = CORE + name
        found[urn] = _schema(urn, name, [])
    return {urn: _described(base, "Schema", f"/Schemas/{urn}", one) for urn, one in found.items()}


def _schema(urn: str, name: str, attributes: list[dict[str, Any]]) -> dict[str, Any]:
    return {"id": urn, "name": name, "attributes": attributes}


def _attribute(kind: Kind, name: str, subs: tuple[str, ...] | None) -> dict[str, Any]:
    is_user_name = name == "userName"
    shown = _simple(name, _TEXTS.get(name, "Id of the provider's own"), is_exact=not is_user_name)
    shown["required"] = name in ("userName", "active") or (kind is Kind.GROUP and name == "displayName")
    if name in ("userName", "externalId") or (kind is Kind.GROUP and name == "displayName"):
        shown["uniqueness"] = "server"
    if subs is not None:
        shown |= {"type": "complex", "multiValued": name in ("emails", "members"), "subAttributes": [_sub(name, one) for one in subs]}
    return shown


def _sub(parent: str, name: str) -> dict[str, Any]:
    shown = _simple(name, _SUBS[name], is_exact=True)
    if parent == "members":
        shown["mutability"] = "immutable"
    if name == "$ref":
        shown |= {"type": "reference", "referenceTypes": ["User"]}
    if parent == "members" and name == "type":
        shown["canonicalValues"] = ["User"]
    return shown


def _simple(name: str, description: str, *, is_exact: bool) -> dict[str, Any]:
    return {
        "name": name,
        "type": "boolean" if name in ("active", "primary") else "string",
        "multiValued": False,
        "description": description,
        "required": False,
        "caseExact": is_exact,
        "mutability": "readWrite",
        "returned": "default",
        "uniqueness": "none",
    }


def _described(base: str, kind: str, path: str, members: Mapping[str, Any]) -> dict[str, Any]:
    meta = {"resourceType": kind, "location": base + path}
    return {"schemas": [CORE + kind], **members, "meta": meta}
