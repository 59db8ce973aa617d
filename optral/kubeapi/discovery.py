"""Which custom kinds the API server serves, and which of them this agent may read: two requests, whatever the number of kinds.

The API server lists all its kinds in one document (aggregated discovery, Kubernetes 1.26 and later; older servers are asked group by
group). A review of the agent's own rules says which of them it may list and watch, so that a kind without permission costs no refused
request. Kinds of `kube/kinds.KINDS` and of groups that Kubernetes serves itself are left out: they are watched anyway, or on purpose not.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar

import msgspec

from optral.kube.kinds import Kind, is_custom, is_discovered, is_metadata_only
from optral.kubeapi.client import ApiError, ApiUnreachable, KubeClient

MAX_KINDS = 800  # custom kinds; a Hello announces each
_AGGREGATED = ",".join(
    (
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
        "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList",
        "application/json",
    )
)
_NEEDED = frozenset({"list", "watch"})
T = TypeVar("T")


class Discovered(NamedTuple):
    """The custom kinds that exist, and the ids of those that the role does not allow to read.

    `unknown`: groups that did not answer, so their kinds may exist; `left_out`: how many kinds exceed `MAX_KINDS`; `rights_error`: why
    the API server did not say what may be read, so that each kind is tried.
    """

    kinds: tuple[Kind, ...]
    unreadable: frozenset[str]
    unknown: frozenset[str] = frozenset()
    left_out: int = 0
    rights_error: str = ""


class _ResponseKind(msgspec.Struct, frozen=True):
    kind: str = ""


class _Resource(msgspec.Struct, frozen=True, rename="camel"):
    resource: str = ""
    response_kind: _ResponseKind = _ResponseKind()
    scope: str = ""
    verbs: tuple[str, ...] = ()


class _Version(msgspec.Struct, frozen=True):
    version: str = ""
    resources: tuple[_Resource, ...] = ()
    freshness: str = ""


class _Named(msgspec.Struct, frozen=True):
    name: str = ""


class _Group(msgspec.Struct, frozen=True):
    metadata: _Named = _Named()
    versions: tuple[_Version, ...] = ()


class _Preferred(msgspec.Struct, frozen=True, rename="camel"):
    version: str = ""


class _PlainGroup(msgspec.Struct, frozen=True, rename="camel"):
    name: str = ""
    preferred_version: _Preferred = _Preferred()


class _Document(msgspec.Struct, frozen=True):
    """Either form of the answer: `items` of aggregated discovery, `groups` of a server that does not have it."""

    items: tuple[_Group, ...] = ()
    groups: tuple[_PlainGroup, ...] = ()


class _PlainResource(msgspec.Struct, frozen=True):
    name: str = ""
    kind: str = ""
    namespaced: bool = False
    verbs: tuple[str, ...] = ()


class _PlainResources(msgspec.Struct, frozen=True):
    resources: tuple[_PlainResource, ...] = ()


class _Rule(msgspec.Struct, frozen=True, rename="camel"):
    verbs: tuple[str, ...] = ()
    api_groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    resource_names: tuple[str, ...] = ()

    def allows(self, kind: Kind) -> bool:
        return (
            not self.resource_names
            and ("*" in self.verbs or set(self.verbs) >= _NEEDED)
            and ("*" in self.api_groups or kind.group in self.api_groups)
            and ("*" in self.resources or kind.plural in self.resources)
        )


class _RuleStatus(msgspec.Struct, frozen=True, rename="camel"):
    resource_rules: tuple[_Rule, ...] = ()
    incomplete: bool = False


class _Review(msgspec.Struct, frozen=True):
    status: _RuleStatus = _RuleStatus()


class Discovery:
    """Asks one API server, for one namespace if the agent may read no other."""

    def __init__(self, client: KubeClient, *, namespace: str = "") -> None:
        self._client, self._namespace = client, namespace

    async def look(self) -> Discovered:
        """The custom kinds as they are now. Raises `ApiUnreachable`, or `ApiError` for a server that answers with a fault of its own."""
        found, unknown = await self._kinds()
        kinds = tuple(found[:MAX_KINDS])
        try:
            unreadable, rights_error = await self._unreadable(kinds), ""
        except ApiError as error:
            unreadable, rights_error = frozenset[str](), str(error)
        return Discovered(kinds, unreadable, unknown, left_out=len(found) - len(kinds), rights_error=rights_error)

    async def _kinds(self) -> tuple[list[Kind], frozenset[str]]:
        try:
            document = _decode(await self._client.get("/apis", accept=_AGGREGATED), _Document)
        except ApiError as error:
            if error.status in (403, 404, 406):  # no discovery: only the kinds that all agents know
                return [], frozenset()
            raise
        found: dict[str, Kind] = {}
        unknown: set[str] = set()
        for group in document.items:
            _take(group, found, unknown)
        for plain in document.groups:
            if is_custom(f"X.{plain.name}"):
                await self._ask_group(plain, found, unknown)
        return sorted(found.values()), frozenset(unknown)

    async def _ask_group(self, group: _PlainGroup, found: dict[str, Kind], unknown: set[str]) -> None:
        version = group.preferred_version.version
        try:
            answer = _decode(await self._client.get(f"/apis/{group.name}/{version}"), _PlainResources)
        except ApiError:
            unknown.add(group.name)
            return
        for one in answer.resources:
            if "/" not in one.name:
                _add(group.name, version, one.kind, one.name, namespaced=one.namespaced, verbs=one.verbs, found=found)

    async def _unreadable(self, found: Sequence[Kind]) -> frozenset[str]:
        """What the rules of the role do not allow; nothing where the API server knows them only in part, so that the kinds are tried."""
        body = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectRulesReview",
            "spec": {"namespace": self._namespace or "default"},
        }
        raw = await self._client.post("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", msgspec.json.encode(body))
        status = _decode(raw, _Review).status
        if status.incomplete:
            return frozenset()
        return frozenset(kind.id for kind in found if not _is_allowed(kind, status.resource_rules))


def _is_allowed(kind: Kind, rules: Iterable[_Rule]) -> bool:
    return any(rule.allows(kind) for rule in rules)


def _take(group: _Group, found: dict[str, Kind], unknown: set[str]) -> None:
    """The kinds of one group in the first version that serves them; the API server lists versions by preference."""
    name = group.metadata.name
    for version in group.versions:
        if version.freshness == "Stale":
            unknown.add(name)
        for one in version.resources:
            namespaced = one.scope == "Namespaced"
            _add(name, version.version, one.response_kind.kind, one.resource, namespaced=namespaced, verbs=one.verbs, found=found)


def _add(group: str, version: str, name: str, plural: str, *, namespaced: bool, verbs: tuple[str, ...], found: dict[str, Kind]) -> None:
    kind_id = f"{name}.{group}"
    if kind_id in found or not is_discovered(kind_id) or not set(verbs) >= _NEEDED:
        return
    is_reduced = is_metadata_only(kind_id)
    found[kind_id] = Kind(group, version, name, plural, namespaced, optional=True, custom=True, metadata_only=is_reduced)


def _decode(raw: bytes, form: type[T]) -> T:
    try:
        return msgspec.json.decode(raw, type=form)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ApiUnreachable(f"an answer about kinds that cannot be read: {error}") from error
