"""The cause graph: which of the ailments that stand now are symptoms of others. Pure; the server and `optral scan` call the same function.

An edge from a symptom to its cause needs three things: the objects hang together (`blame.py`, and what the detectors themselves suspect),
the symptom did not begin before the cause, and this type on that object can cause this type on this one. What began at the same time and
has nothing else in common stays apart. An ailment that several objects show is a symptom only if *every* one of them is explained.
Last come causes that are no object with an ailment of its own (`shared.py`): a full cluster, a registry that does not answer; there the
first of those that show it speaks for all.

Every ailment keeps its best cause alone, so following causes ends at a root, or in a circle, which is cut where it began.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

import structlog

from optral.detectors import CATALOG
from optral.grouping import blame, shared
from optral.grouping.model import Ailment, Arrangement, Link, Shown
from optral.grouping.scene import Charge, Scene
from optral.kube.view import ClusterView

_log = structlog.get_logger(__name__)


class _Edge(NamedTuple):
    cause: str
    relation: str


def arrange(ailments: Iterable[Ailment], view: ClusterView, *, now: datetime) -> Arrangement:
    """Find for every ailment the root it comes from, if any. The same whatever the order of the ailments. Never raises.

    `now` and all times are the cluster's. Costs what the ailments cost, not what the cluster does: 5,000 take less than a second.
    """
    scene = Scene(ailments, view, now=now)
    edges: dict[str, _Edge] = {}
    for ailment in scene.ailments.values():
        edge = _edge(scene, ailment)
        if edge is not None:
            edges[ailment.key] = edge
    _cut_circles(scene, edges)
    for bond, group in _companies(scene, edges):
        first = min(group, key=lambda one: (one.type in CATALOG.warnings, scene.began(one), one.key))
        edges.update({one.key: _Edge(first.key, bond.relation) for one in group if one is not first})
    return Arrangement({key: Link(_root(edges, key), edge.relation, edge.cause) for key, edge in edges.items()})


def _edge(scene: Scene, ailment: Ailment) -> _Edge | None:
    """To the cause that explains most of the objects that show the ailment; none unless all of them are explained."""
    explained: Counter[str] = Counter()
    relations: dict[str, str] = {}
    for shown in ailment.shown:
        causes = {
            charge.cause.key: charge.relation for charge in reversed(_charges(scene, ailment, shown)) if _holds(scene, ailment, charge)
        }
        if not causes:
            return None
        explained.update(causes.keys())
        for key, relation in causes.items():
            relations[key] = min(relation, relations.get(key, relation))
    if not explained:
        return None
    best = min(explained, key=lambda key: (-explained[key], *scene.weight(key)))
    return _Edge(best, relations[best])


def _charges(scene: Scene, ailment: Ailment, shown: Shown) -> list[Charge]:
    try:
        return list(blame.charges(scene, ailment, shown))
    except Exception:  # noqa: BLE001 - owner of the loop: one strange object must not leave a whole cluster ungrouped
        _log.exception("grouping.failed", type=ailment.type, subject=str(ailment.subject))
        return []


def _bond(scene: Scene, ailment: Ailment) -> shared.Bond | None:
    try:
        return shared.bond(scene, ailment)
    except Exception:  # noqa: BLE001 - owner of the loop: as above
        _log.exception("grouping.failed", type=ailment.type, subject=str(ailment.subject))
        return None


def _holds(scene: Scene, ailment: Ailment, charge: Charge) -> bool:
    if charge.cause.key == ailment.key:
        return False
    return charge.is_timeless or scene.is_in_order(charge.cause, ailment)


def _cut_circles(scene: Scene, edges: dict[str, _Edge]) -> None:
    """Take the edge of one member out of every circle: of the one that began first."""
    settled: set[str] = set()
    for start in sorted(edges):
        path: dict[str, None] = {}
        key = start
        while key in edges and key not in settled and key not in path:
            path[key] = None
            key = edges[key].cause
        if key in path:
            walk = list(path)
            circle = walk[walk.index(key) :]
            del edges[min(circle, key=lambda one: (scene.began(scene.ailments[one]), *scene.weight(one)))]
        settled.update(path)


def _companies(scene: Scene, edges: Mapping[str, _Edge]) -> list[tuple[shared.Bond, list[Ailment]]]:
    """Ailments without a cause of their own that share one which is no ailment."""
    together: defaultdict[shared.Bond, list[Ailment]] = defaultdict(list)
    for ailment in scene.ailments.values():
        if ailment.key not in edges and (bond := _bond(scene, ailment)) is not None:
            together[bond].append(ailment)
    return [(bond, group) for bond, group in together.items() if shared.is_enough(bond, group, scene.view)]


def _root(edges: Mapping[str, _Edge], key: str) -> str:
    while key in edges:
        key = edges[key].cause
    return key
