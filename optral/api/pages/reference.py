"""The reference pages of the REST API: `python -m optral.api.pages.reference` writes operations, events and permissions below
docs/reference.

They are read from the contract, the event shapes, the roles and the agent's rules, so that no page is written by hand.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from optral.access.model import KEY_SCOPES, LIMITED_KEY_SCOPES, ROLE_SCOPES, SCOPES
from optral.api.app import contract, framework
from optral.api.events.event_shapes import schemas
from optral.install import agent_rbac
from optral.terms import fields
from optral.terms.actor import Role
from optral.terms.verbs import ALL

FOLDER = Path(__file__).parents[3] / "docs/reference"
ROLES = (Role.VIEWER, Role.OPERATOR, Role.ADMIN, Role.OWNER)
METHODS = ("get", "post", "put", "patch", "delete")
_OPERATIONS = """# Operations of the REST API

This page is generated: `make contracts`.

Parameters, bodies and responses are in the contract: `contracts/openapi.json`, and on a server `/v1/openapi.json` and `/docs`.
[The REST API in five minutes](../api.md) explains lists, errors, limits and retries; [permissions](permissions.md) lists the scopes.
`any` means any key or sign-in session, `session` a person who has signed in, `public` everybody.
"""
_EVENTS = """# Events

This page is generated: `make contracts`.

The `data` of each event of `/v1/events/stream`, and the member `data` in `/v1/events`. `contracts/events.json` has the same as JSON Schema.
[Follow events](../api.md#follow-events) says when each event is sent and how to resume a stream; [webhooks](../webhooks.md) send a
selection.
"""
_SCOPES = """# Permissions

This page is generated: `make contracts`.

## Scopes and roles

Every operation of the [REST API](operations.md) requires one scope. A member has the scopes of their role; an API key has those that it
was created with and that its creator still has. The permissions *Read-only*, *Read and write* and *Admin* of a key are those scopes of a
viewer, an operator and an admin that a key can have. Admins and owners have the same scopes, but only owners appoint and remove owners.
[People and keys](../people.md) describes the rules.
"""
_READS = """
## What an agent may read

The rules of its cluster role, in the profiles `read` and `operate`. They contain no wildcard and no Secrets. With the profile `namespaced`,
the agent has the rules for namespaced kinds, in one namespace.
"""
_CHANGES = """
## What an agent may change

With the profile `operate`, the agent also has the rules of the verbs that the profile lists, in the namespaces that it lists. For each
change, the agent's [local policy](../agent.md#the-local-policy) must allow the verb as well. [Verbs](../agent.md#verbs) says what each verb
does.
"""
_PATCHES = """
## What `patch` may change

The verb `patch` changes only the fields of this table. Server and agent check each request against it. `container` names a container of the
pod, and `key` the entry that is meant.
"""


def pages() -> dict[str, str]:
    """The pages by file name."""
    document = contract(framework())
    return {"operations.md": operations(document), "events.md": events(schemas()), "permissions.md": permissions(document)}


def operations(document: Mapping[str, Any]) -> str:
    """Every operation of the contract, by its first tag."""
    by_tag: dict[str, list[str]] = {}
    for path, method, operation in _operations(document):
        scope = operation.get("x-required-scope")
        row = f"| `{method.upper()} {path}` | {operation.get('summary', '')} | {f'`{scope}`' if scope else ''} |"
        by_tag.setdefault((operation.get("tags") or ["other"])[0], []).append(row)
    lines = [_OPERATIONS]
    for tag in sorted(by_tag):
        lines += [f"## {tag[0].upper()}{tag[1:]}\n", "| operation | summary | scope |", "|---|---|---|", *by_tag[tag], ""]
    return "\n".join(lines)


def events(document: Mapping[str, Any]) -> str:
    """Every event type with the members of its data. Types with the same members share a section."""
    groups: dict[str, tuple[list[str], Mapping[str, Any]]] = {}
    for name, shape in document["events"].items():
        groups.setdefault(repr(shape), ([], shape))[0].append(name)
    lines = [_EVENTS]
    for names, shape in groups.values():
        lines.append(f"## {', '.join(names)}\n")
        if text := shape.get("description"):
            lines.append(f"{text}\n")
        lines += ["| member | type | meaning |", "|---|---|---|"]
        required = set(shape.get("required", ()))
        lines += [_member(name, member, is_required=name in required) for name, member in shape["properties"].items()]
        lines.append("")
    return "\n".join(lines)


def permissions(document: Mapping[str, Any]) -> str:
    """What people, keys and agents may do."""
    lines = [
        _SCOPES,
        f"| scope | {' | '.join(role.value for role in ROLES)} | key | limited key | operations |",
        f"|---|{'---|' * len(ROLES)}---|---|---|",
    ]
    used: dict[str, int] = {}
    for _, _, operation in _operations(document):
        if scope := operation.get("x-required-scope"):
            used[scope] = used.get(scope, 0) + 1
    for scope in sorted(SCOPES):
        holders = [*(ROLE_SCOPES[role] for role in ROLES), KEY_SCOPES, LIMITED_KEY_SCOPES]
        lines.append(f"| `{scope}` | {' | '.join('yes' if scope in holder else '' for holder in holders)} | {used.get(scope, 0)} |")
    lines += [
        _READS,
        *_rules(agent_rbac.read_rules()),
        _CHANGES,
        "| verb | API group | resource | RBAC verb |",
        "|---|---|---|---|",
    ]
    for verb in ALL:
        if verb.is_write:
            lines += [f"| `{verb.name}` | {row}" for row in _rows(agent_rbac.write_rules([verb.name]))]
    lines += [_PATCHES, *patches()]
    return "\n".join(lines) + "\n"


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def _member(name: str, shape: Mapping[str, Any], *, is_required: bool) -> str:
    meaning = str(shape.get("description", ""))
    if values := shape.get("enum"):
        meaning = f"{meaning + ' ' if meaning else ''}One of {', '.join(f'`{value}`' for value in values)}."
    return f"| `{name}` | {_type(shape)}{'' if is_required else ', optional'} | {meaning} |"


def _type(shape: Mapping[str, Any]) -> str:
    """The type of a member in words: "string", "string or null", "list of object"."""
    if choices := shape.get("anyOf") or shape.get("oneOf"):
        return " or ".join(dict.fromkeys(_type(choice) for choice in choices))
    named = shape.get("type", "any")
    if named == "array":
        return f"list of {_type(shape.get('items', {}))}"
    return " or ".join(named) if isinstance(named, list) else str(named)


def _rules(rules: agent_rbac.Rules) -> list[str]:
    return ["| API group | resources | RBAC verbs |", "|---|---|---|", *(f"| {row}" for row in _rows(rules))]


def _rows(rules: agent_rbac.Rules) -> Iterator[str]:
    for rule in rules:
        group = f"`{rule['apiGroups'][0]}`" if rule["apiGroups"][0] else "core"
        yield f"{group} | {', '.join(f'`{name}`' for name in rule['resources'])} | {', '.join(f'`{name}`' for name in rule['verbs'])} |"


def patches() -> list[str]:
    """The closed table of the verb `patch`; kinds with the same row share a line."""
    kinds: dict[tuple[str, ...], list[str]] = {}
    for row in fields.TABLE:
        entry = " and ".join(one for one in ("container" if row.has_container else "", row.key.says if row.key else "") if one)
        value = row.rule.says + (", or `remove`" if row.rule.is_removable else "")
        kinds.setdefault((row.name, entry, value, row.only), []).append(row.kind)
    lines = ["| kinds | field | entry | value | only if |", "|---|---|---|---|---|"]
    for (name, entry, value, only), named in kinds.items():
        lines.append(f"| {', '.join(f'`{one}`' for one in named)} | `{name}` | {entry} | {value} | {only} |")
    return lines


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    main()
