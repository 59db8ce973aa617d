"""Which team owns an object: by its annotations and labels, those of its namespace, and the rules of the organization.

The sources are asked in the order that the organization has set; the first that names a team decides. Among the rules, the last one that
matches decides, as in a CODEOWNERS file. The controller of an object counts as the object: a pod belongs to the team of its Deployment.
Whoever may edit an object may set its labels, so a team never decides what somebody may do (docs/decisions/owners.md).
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from optral.kit.patterns import matches
from optral.kit.printable import one_line
from optral.kube import owners
from optral.kube.objects import KubeObject, Namespace
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef

MAX_TEAM = 100
NONE = "none"
"""What queries call objects without a team; as the value of a label or an annotation it names no team."""
ANNOTATIONS = ("optral.ai/team", "a8r.io/owner")
LABELS = ("optral.ai/team", "app.kubernetes.io/team", "team", "owner")


class Source(StrEnum):
    ANNOTATION = "annotation"
    LABEL = "label"
    NAMESPACE_ANNOTATION = "namespaceAnnotation"
    NAMESPACE_LABEL = "namespaceLabel"
    RULES = "rules"


class TeamRule(NamedTuple):
    """The objects that match all four patterns belong to the team. `kind` with or without its API group; `*` matches any characters."""

    team: str
    cluster: str = "*"
    namespace: str = "*"
    kind: str = "*"
    name: str = "*"

    def matches(self, ref: ObjectRef, clusters: Collection[str]) -> bool:
        """`clusters`: the id and the name of the cluster."""
        return (
            (self.namespace == "*" or matches(ref.namespace or "", self.namespace))
            and (self.kind == "*" or matches(ref.kind, self.kind) or matches(ref.kind.partition(".")[0], self.kind))
            and (self.name == "*" or matches(ref.name, self.name))
            and (self.cluster == "*" or any(matches(one, self.cluster) for one in clusters))
        )


@dataclass(frozen=True, slots=True)
class TeamSettings:
    """How an organization finds the team of an object. A source that is left out of `order` is not asked; the first label counts."""

    order: tuple[Source, ...] = tuple(Source)
    labels: tuple[str, ...] = LABELS
    rules: tuple[TeamRule, ...] = ()

    def of(self, view: ClusterView, ref: ObjectRef, clusters: Collection[str]) -> "Ownership | None":
        """The team that owns the object, which may be gone; None without one."""
        obj = view.object_at(ref)
        chain = [] if obj is None else [obj]
        if obj is not None and (above := view.object_at(view.workload_of(obj))) is not None and above is not obj:
            chain.append(above)
        home = view.namespace(ref.namespace) if ref.namespace else None
        for source in self.order:
            if (found := self._by(source, chain, home, ref, clusters)) is not None:
                return found
        return None

    def _by(
        self, source: Source, chain: list[KubeObject], home: Namespace | None, ref: ObjectRef, clusters: Collection[str]
    ) -> "Ownership | None":
        if source is Source.RULES:
            return self.by_rules(ref, clusters)
        objects = ([] if home is None else [home]) if source in (Source.NAMESPACE_ANNOTATION, Source.NAMESPACE_LABEL) else chain
        is_label = source in (Source.LABEL, Source.NAMESPACE_LABEL)
        for obj in objects:
            for key, value in self._labels(obj) if is_label else _annotations(obj):
                if team := team_of_text(value):
                    where = owners.ref(obj)
                    return Ownership(team, f"{'label' if is_label else 'annotation'} {key} of {where.kind.partition('.')[0]} {where.name}")
        return None

    def by_rules(self, ref: ObjectRef, clusters: Collection[str]) -> "Ownership | None":
        """The team by the rules alone."""
        for number in range(len(self.rules), 0, -1):
            if (rule := self.rules[number - 1]).matches(ref, clusters):
                return Ownership(rule.team, f"rule {number}")
        return None

    def _labels(self, obj: KubeObject) -> Iterator[tuple[str, str]]:
        return ((key, obj.metadata.labels[key]) for key in self.labels if key in obj.metadata.labels)

    def says(self, obj: KubeObject | None) -> tuple[tuple[str, str], ...]:
        """What the object itself says of its team: two versions that say the same have the same one."""
        return () if obj is None else (*self._labels(obj), *_annotations(obj))


class Ownership(NamedTuple):
    """The team that owns an object, and what decided it."""

    team: str
    reason: str


def _annotations(obj: KubeObject) -> Iterator[tuple[str, str]]:
    said = obj.metadata.annotations
    return ((key, value) for key, value in zip(ANNOTATIONS, (said.team, said.humans_owner), strict=True) if value)


def team_of_text(text: str) -> str:
    """The name of a team as it is stored; "" for none. Filters separate names by commas."""
    team = " ".join(one_line(text).replace(",", " ").split())[:MAX_TEAM].rstrip()
    return "" if team.lower() == NONE else team
