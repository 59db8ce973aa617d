"""Finds the cluster, object or runbook that a tool names. Never a guess: a wrong or ambiguous name is refused, with those that are near."""

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from optral.mcp.rest import Refusal, Rest

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:_-]{0,252}")
MAX_PAGES = 5
NEAR = 3


async def clusters(rest: Rest) -> list[dict[str, Any]]:
    """The clusters that the caller sees, at most 500."""
    return await _pages(rest, "/v1/clusters", "clusters")


async def cluster(rest: Rest, name: str) -> dict[str, Any]:
    """The cluster of this id or name. Raises `Refusal`."""
    known = await clusters(rest)
    for one in known:
        if name in (one["id"], one["name"]):
            return one
    say = f"no cluster has this name; {'you can see these' if known else 'you can see none'}, the nearest names first:"
    raise Refusal("cluster_not_found", say=say, rows=_near(name, (one["name"] for one in known), cutoff=0)[:10])


async def resource(rest: Rest, *, kind: str, name: str, namespace: str | None, cluster_id: str | None) -> dict[str, Any]:
    """The one object of this kind and name. Raises `Refusal` with the near ones, or with all that it may be."""
    if _NAME.fullmatch(name) is None:
        raise Refusal("invalid_name", say="a name has letters, digits and .:_- only; names are not patterns")
    place = {"kind": kind, "namespace": namespace, "cluster": cluster_id}
    found = (await rest("GET", "/v1/resources", params={**place, "q": f'name:"{name}"', "pageSize": 10}))["resources"]
    if len(found) == 1:
        whole: dict[str, Any] = found[0]
        return whole
    if found:
        say = "several objects have this kind and name; repeat the call with the id of one (object), or with cluster and namespace:"
        raise Refusal("ambiguous", say=say, rows=[described(one) for one in found])
    others = (await rest("GET", "/v1/resources", params={**place, "pageSize": 100}))["resources"]
    fits = _near(name, dict.fromkeys(one["name"] for one in others))
    rows = [described(one) for one in others if one["name"] in fits][: 2 * NEAR]
    say = (
        "no object has this kind and name; similar names:"
        if rows
        else "no object has this kind and name, or a similar one; search by name or kind"
    )
    raise Refusal("object_not_found", say=say, rows=rows)


async def runbook_names(rest: Rest, slug: str) -> list[str]:
    """The runbooks whose names are near."""
    return _near(slug, (one["slug"] for one in await _pages(rest, "/v1/runbooks", "runbooks")), cutoff=0.4)


def described(one: Mapping[str, Any]) -> str:
    """An object in one line, with its id to go on with."""
    place = f"{one['namespace']}/" if one.get("namespace") else ""
    stale = ", stale" if one.get("stale") else ""
    return f"{one['id']} {one['kind']} {place}{one['name']} in {one['cluster']}: {one.get('status') or 'no status'}{stale}"


async def _pages(rest: Rest, path: str, plural: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for page in range(1, MAX_PAGES + 1):
        answer = await rest("GET", path, params={"pageSize": 100, "page": page})
        found += answer[plural]
        if len(found) >= answer["total"] or not answer[plural]:
            break
    return found


def _near(name: str, known: Iterable[str], *, cutoff: float = 0.5) -> list[str]:
    return difflib.get_close_matches(name[:100], list(known), n=10 if cutoff == 0 else NEAR, cutoff=cutoff)
