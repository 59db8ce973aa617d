"""What people type in place of an id: a name, `KIND/NAME`, `NAMESPACE/NAME`, or the beginning of an id that only one object has.

One resolver for every command: an argument is an id of the kind that its metavariable names (ISSUE, CLUSTER, …), and `command.Command`
replaces it before the command runs. A whole id costs no request. Names are exact; more than one match is an error that lists them.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from optral.kube import kinds
from optral.terms.errors import Refused

if TYPE_CHECKING:
    from optral.client.client import Client

PAGE_ROWS, MAX_PAGES = 100, 10
"""An object beyond the first 1,000 needs its whole id."""
MAX_LISTED = 5
MEMBER_WORDS = frozenset({"me", "nobody", "none"})
MAX_TEXT, MAX_SHOWN = 512, 60
_WHOLE = re.compile("[a-z]{3}_[0-9a-z]{26}")
_SLUG = re.compile("[a-z0-9]+(-[a-z0-9]+)*")  # of a runbook
_BEGINNING = re.compile("[a-z]{3}_[0-9a-z]{2,25}")
Row = Mapping[str, Any]


class Typed(NamedTuple):
    """What was typed: the text, and where to look. `parents`: ids of the arguments before it, by metavariable."""

    text: str
    namespace: str | None = None
    cluster: str | None = None
    parents: Mapping[str, str] = {}
    status: str = "open,acknowledged"
    """Of the issues that a name means."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object with ids. `rows` reads a page of its list; `names` are the members that name it exactly."""

    what: str
    listing: str
    key: str
    rows: Callable[["Client", Typed, int], Any]
    names: tuple[str, ...] = ("name",)
    words: frozenset[str] = frozenset()
    """What options take besides ids."""
    direct: re.Pattern[str] | None = None
    """What the server itself takes in place of an id."""
    is_placed: bool = False
    """Whether it has a namespace, so that KIND/NAME and NAMESPACE/NAME mean something."""

    def takes(self, text: str) -> bool:
        """Whether the server takes this as it is."""
        return is_whole_id(text) or text in self.words or (self.direct is not None and self.direct.fullmatch(text) is not None)


def _paged(read: Callable[["Client", Typed], Any]) -> Callable[["Client", Typed, int], Any]:
    """A list without pages: all of it is the first one."""
    return lambda client, typed, page: read(client, typed) if page == 1 else None


def _named(typed: Typed) -> str | None:
    """The part of an object's name for a search; None for the beginning of an id."""
    return None if _BEGINNING.fullmatch(typed.text) else typed.text.rpartition("/")[2]


def _issues(client: "Client", typed: Typed, page: int) -> Any:
    from optral.kit.search_terms import quoted

    name = _named(typed)
    return client.issues.list(
        q=quoted(name) if name else None, status=typed.status if name else None, parent="any",
        namespace=typed.namespace, cluster=typed.cluster, page=page, page_size=PAGE_ROWS,
    )  # fmt: skip


def _resources(client: "Client", typed: Typed, page: int) -> Any:
    return client.resources.list(q=_named(typed), namespace=typed.namespace, cluster=typed.cluster, page=page, page_size=PAGE_ROWS)


def _plain(attribute: str) -> Callable[["Client", Typed, int], Any]:
    return lambda client, _typed, page: getattr(client, attribute).list(page=page, page_size=PAGE_ROWS)


KINDS: Mapping[str, Kind] = {
    "ISSUE": Kind("issue", "optral issues list", "issues", _issues, words=frozenset({"none", "any"}), is_placed=True),
    "RESOURCE": Kind("resource", "optral resources list", "resources", _resources, is_placed=True),
    "CLUSTER": Kind("cluster", "optral clusters list", "clusters", _plain("clusters")),
    "EXECUTION": Kind("execution", "optral executions list", "executions", _plain("executions"), names=()),
    "RUNBOOK": Kind("runbook", "optral runbooks list", "runbooks", _plain("runbooks"), direct=_SLUG),
    "RULE": Kind("mute rule", "optral mute-rules list", "muteRules", _paged(lambda client, _: client.mute_rules.list()), names=()),
    "TRIGGER": Kind("trigger", "optral triggers list", "triggers", _plain("triggers")),
    "WINDOW": Kind("change window", "optral safeguards windows", "windows", _paged(lambda client, _: client.change_windows.list())),
    "VIEW": Kind("saved view", "optral views list", "views", _paged(lambda client, _: client.views.list())),
    "PROVIDER": Kind(
        "identity provider", "optral identity list", "identityProviders", lambda client, _typed, _page: client.identity.list()
    ),
    "FORGE": Kind("connection", "optral forges list", "forges", lambda client, _typed, _page: client.forges.list()),
    "WEBHOOK": Kind("webhook", "optral webhooks list", "webhooks", _plain("webhooks")),
    "RECEIVER": Kind(
        "alert receiver", "optral alerts receivers list", "receivers",
        lambda client, _, page: client.alerts.receivers(page=page, page_size=PAGE_ROWS),
    ),
    "ALERT": Kind("alert", "optral alerts list", "alerts", _plain("alerts")),
    "KEY": Kind("API key", "optral keys list", "apiKeys", _plain("keys")),
    "TOKEN": Kind(
        "fleet token", "optral fleet list", "fleetTokens",
        lambda client, _, page: client.clusters.fleet_tokens(page=page, page_size=PAGE_ROWS),
    ),
    "MEMBER": Kind("member", "optral members list", "members", _plain("members"), names=("email",), words=MEMBER_WORDS),
    "INVITE": Kind("invitation", "optral members invites", "invites", _paged(lambda client, _: client.members.invites()), names=("email",)),
    "BINDING": Kind(
        "binding", "optral members bindings MEMBER", "bindings",
        _paged(lambda client, typed: client.members.bindings(typed.parents["MEMBER"])), names=(),
    ),
    "DELEGATION": Kind(
        "delegation", "optral safeguards delegations", "delegations", _paged(lambda client, _: client.delegations.list()), names=(),
    ),
    "COMMENT": Kind(
        "comment", "optral issues comments ISSUE", "comments",
        lambda client, typed, page: client.issues.comments(typed.parents["ISSUE"], page=page, page_size=PAGE_ROWS), names=(),
    ),
    "DELIVERY": Kind(
        "delivery", "optral webhooks deliveries WEBHOOK", "deliveries",
        lambda client, typed, page: client.webhooks.deliveries(typed.parents["WEBHOOK"], page=page, page_size=PAGE_ROWS), names=(),
    ),
}  # fmt: skip
"""By metavariable of the argument."""

SHORT_NAMES: Mapping[str, str] = {
    "cj": "CronJob", "cm": "ConfigMap", "crd": "CustomResourceDefinition", "deploy": "Deployment", "ds": "DaemonSet", "hpa":
    "HorizontalPodAutoscaler", "ing": "Ingress", "limits": "LimitRange", "netpol": "NetworkPolicy", "no": "Node", "ns": "Namespace",
    "pc": "PriorityClass", "pdb": "PodDisruptionBudget", "po": "Pod", "pv": "PersistentVolume", "pvc": "PersistentVolumeClaim",
    "quota": "ResourceQuota", "rc": "ReplicationController", "rs": "ReplicaSet", "sa": "ServiceAccount", "sc": "StorageClass",
    "sts": "StatefulSet", "svc": "Service",
}  # fmt: skip
"""As `kubectl api-resources` lists them."""
_WORKLOADS = {kind.partition(".")[0] for kind in kinds.WORKLOADS}


def is_whole_id(text: str) -> bool:
    return _WHOLE.fullmatch(text) is not None


def resolve(client: "Client", kind: Kind, typed: Typed) -> str:
    """The id that the text means. Raises `Refused` for none and for several, `ClientError`."""
    if kind.takes(typed.text):
        return typed.text
    if not typed.text.strip() or len(typed.text) > MAX_TEXT:
        raise _none(kind, typed._replace(text=typed.text[:MAX_SHOWN]))
    if kind.is_placed and typed.text.count("/") > 1:
        raise _none(kind, typed)
    found, is_all = _matching(client, kind, typed)
    if is_all and not found and kind.key == "issues" and _named(typed):
        raise _none(kind, typed, resolved=_matching(client, kind, typed._replace(status="resolved"))[0])
    roots = _roots(found)
    if len(roots) > 1 and kind.key == "issues":
        roots = _of_workloads(roots) or roots
    return _only(kind, typed, roots, is_all=is_all)


def id_of(client: "Client", kind: str, text: str) -> str:
    """The id that a text means, for a kind by its metavariable. Raises as `resolve`."""
    return resolve(client, KINDS[kind], Typed(text))


def _matching(client: "Client", kind: Kind, typed: Typed) -> tuple[list[Row], bool]:
    """The rows that the text may mean, and whether the whole list was read."""
    if kind.is_placed and "/" in typed.text:
        found, is_all = _collected(client, kind, typed, lambda row: _is_of_kind(row, typed.text))
        if not found:  # not KIND/NAME, so NAMESPACE/NAME
            namespace, _, name = typed.text.partition("/")
            placed = typed._replace(text=name, namespace=namespace)
            found, is_all = _collected(client, kind, placed, lambda row: name in _names(kind, row))
        return found, is_all
    if _BEGINNING.fullmatch(typed.text):
        return _collected(client, kind, typed, lambda row: str(row["id"]).startswith(typed.text))
    return _collected(client, kind, typed, lambda row: typed.text in _names(kind, row))


def is_kind(given: str, kind: str) -> bool:
    """Whether a word such as `deploy`, `deployments` or `Deployment` means this kind; a group after a dot is ignored."""
    word, wanted = given.partition(".")[0].lower(), kind.lower()
    if SHORT_NAMES.get(word, "").lower() == wanted:
        return True
    plural = f"{wanted[:-1]}ies" if wanted.endswith("y") else f"{wanted}es" if wanted.endswith(("s", "x", "ch")) else f"{wanted}s"
    return word in (wanted, plural)


def _collected(client: "Client", kind: Kind, typed: Typed, fits: Callable[[Row], bool]) -> tuple[list[Row], bool]:
    """The rows that fit, and whether the whole list was read."""
    import msgspec

    found: list[Row] = []
    for page in range(1, MAX_PAGES + 1):
        answer = kind.rows(client, typed, page)
        rows = [] if answer is None else msgspec.json.decode(answer.raw).get(kind.key, [])
        found += [row for row in rows if fits(row)]
        if len(rows) < PAGE_ROWS:
            return found, True
    return found, False


def _names(kind: Kind, row: Row) -> set[str]:
    """The exact names of a row: of itself, or for an issue of its object and the owner of that."""
    if kind.key == "issues":
        return {str(row.get("resource", "")), str((row.get("owner") or {}).get("name", ""))} - {""}
    return {str(row[name]) for name in kind.names if row.get(name)}


def _is_of_kind(row: Row, text: str) -> bool:
    word, _, name = text.partition("/")
    return any(is_kind(word, kind) and name == of_kind for kind, of_kind in _objects(row))


def _objects(row: Row) -> Iterator[tuple[str, str]]:
    """The objects that a row is about, as kind and name: a resource itself, or the object of an issue and its owner."""
    if "resource" not in row:
        yield str(row.get("kind", "")), str(row.get("name", ""))
        return
    yield str(row.get("resourceKind", "")), str(row["resource"])
    if owner := row.get("owner"):
        yield str(owner.get("kind", "")), str(owner.get("name", ""))


def _roots(found: list[Row]) -> list[Row]:
    """Without the symptoms of other issues that were found."""
    ids = {row["id"] for row in found}
    return [row for row in found if row.get("parentIssueId") not in ids]


def _of_workloads(found: list[Row]) -> list[Row]:
    """A name without a kind means a workload before a Service or a disruption budget of that name, as people say "web" of a Deployment."""
    return [row for row in found if _WORKLOADS & {kind for kind, _ in _objects(row)}]


def _only(kind: Kind, typed: Typed, found: list[Row], *, is_all: bool) -> str:
    if len(found) == 1 and is_all:
        return str(found[0]["id"])
    if not found and is_all:
        raise _none(kind, typed)
    if not is_all:
        say = f"there are too many {kind.what}s to look up {typed.text!r}; give the whole id"
        raise Refused("ref_too_wide", say=say)
    candidates = ", ".join(_described(row) for row in found[:MAX_LISTED])
    more = f" and {len(found) - MAX_LISTED} more" if len(found) > MAX_LISTED else ""
    narrow = "; give an id, or narrow it with --namespace or --cluster" if kind.is_placed else "; give an id"
    raise Refused("ref_ambiguous", say=f"{typed.text!r} matches {len(found)} {kind.what}s: {candidates}{more}{narrow}")


def _described(row: Row) -> str:
    place = "/".join(str(row[part]) for part in ("cluster", "namespace", "resource", "name", "email") if row.get(part))
    what = " ".join(part for part in (str(row.get("type") or row.get("kind") or ""), place) if part)
    return f"{row['id']} ({what})" if what else str(row["id"])


def _none(kind: Kind, typed: Typed, *, resolved: Sequence[Row] = ()) -> Refused:
    """`resolved`: the issues that the text meant earlier."""
    place = "".join(f" in {word} {value}" for word, value in (("namespace", typed.namespace), ("cluster", typed.cluster)) if value)
    which = "open issue is about" if kind.key == "issues" and not _BEGINNING.fullmatch(typed.text) else f"{kind.what} is"
    last = max(resolved, key=lambda row: str(row.get("resolvedAt", "")), default=None)
    hint = f"`{kind.listing}` shows them" if last is None else f"the last one was {last['id']}, which is resolved"
    return Refused("ref_unknown", say=f"no {which} {typed.text!r}{place}; {hint}")
