"""A view that packs what it does not use answers as one that packs nothing, in a fraction of the memory."""

import ast
import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, strategies as st

import optral
from optral.kube import objects, view
from optral.kube.changes import ObjectChange, Op
from optral.kube.objects import Event, KubeObject
from optral.kube.view import ClusterView
from optral.kube.view_packing import COMPRESSED_FROM, SAMPLED, Packing
from tests.detectors.build import NOON, event, make, pod, status
from tests.kube.test_view import _answers, _ops, _version, names, upsert
from tests.support.examples import examples
from tests.support.pods import fleet

GO_ZERO = "0001-01-01T00:00:00Z"


def _packing_view(*things: KubeObject, typed_at_most: int = 2) -> ClusterView:
    packing = ClusterView(lambda: typed_at_most)
    packing.load((obj.kind, obj) for obj in things)
    return packing


def _filled(kind: type[KubeObject]) -> KubeObject:
    """An object of this kind with a value in each field, three levels deep."""
    return objects.convert(kind.kind, _tree(kind, 0))


def _tree(kind: type[msgspec.Struct], depth: int) -> dict[str, Any]:
    return {field.encode_name: _value(msgspec.inspect.type_info(field.type), depth) for field in msgspec.structs.fields(kind)}


def _value(info: Any, depth: int) -> Any:
    match info:
        case msgspec.inspect.UnionType(types=types):
            return _value(next(inner for inner in types if not isinstance(inner, msgspec.inspect.NoneType)), depth)
        case msgspec.inspect.StructType(cls=cls):
            return _tree(cls, depth + 1) if depth < 9 else {}
        case msgspec.inspect.VarTupleType(item_type=item):
            return [_value(item, depth)]
        case msgspec.inspect.DictType(value_type=value):
            return {"key": _value(value, depth)}
        case msgspec.inspect.DateTimeType():
            return "2026-01-15T09:00:00.123456Z"
        case msgspec.inspect.BoolType():
            return True
        case msgspec.inspect.IntType():
            return 7
        case msgspec.inspect.FloatType():
            return 1.5
        case _:
            return "text"


@pytest.mark.parametrize("kind", objects.TYPED, ids=lambda kind: kind.kind)
def test_an_object_of_every_kind_comes_out_as_it_went_in(kind: type[KubeObject]) -> None:
    packing = Packing()
    for obj in (_filled(kind), kind(), objects.convert(kind.kind, {"metadata": {"uid": "u", "creationTimestamp": GO_ZERO}})):
        packed = packing.pack(obj)
        assert not isinstance(packed, KubeObject)
        assert packing.unpack(kind.kind, packed) == obj
        assert type(packing.unpack(kind.kind, packed)) is kind


def test_an_object_is_the_same_with_and_without_a_dictionary() -> None:
    labels = {"app": "x" * COMPRESSED_FROM}
    packing, things = (
        Packing(),
        [make("ConfigMap", name=f"c{n}", meta={"labels": labels}) for n in range(SAMPLED + 9)],
    )
    packed = [packing.pack(obj) for obj in things]
    assert [packing.unpack("ConfigMap", each) for each in packed if not isinstance(each, KubeObject)] == things
    assert isinstance(packed[-1], bytes)
    assert len(packed[-1]) < COMPRESSED_FROM / 4


def test_an_object_that_msgpack_cannot_hold_stays_as_it_is() -> None:
    strange = pod(spec={"overhead": {"memory": 10**30}})
    assert Packing().pack(strange) is strange
    base = _packing_view(strange, pod(name="b"), typed_at_most=1)
    assert base.get("Pod", strange.uid) == strange


def test_a_kind_without_a_class_is_packed_too() -> None:
    obj = KubeObject(metadata=objects.Metadata(uid="u", name="x", namespace="shop"))
    packing = Packing()
    packed = packing.pack(obj)
    assert not isinstance(packed, KubeObject)
    assert packing.unpack("Thing.example.com", packed) == obj


@examples(100)
@given(batches=st.lists(_ops, max_size=4))
def test_a_view_that_packs_answers_as_one_built_at_once(batches: list[list[tuple[int, str, str, str]]]) -> None:
    base = _packing_view(typed_at_most=2)
    truth: dict[str, KubeObject] = {}
    for batch in batches:
        before, changes = _answers(base), [_version(*operation) for operation in batch]
        overlay = base.with_changes(changes)
        for change, obj in changes:
            truth.pop(change.uid, None)
            if obj is not None:
                truth[change.uid] = obj
        assert _answers(base) == before
        assert _answers(overlay) == _answers(view.of(list(truth.values())))
        base.absorb(overlay)
        assert _answers(base) == _answers(overlay)
        assert sorted(base.all("Pod"), key=lambda obj: obj.uid) == sorted(truth.values(), key=lambda obj: obj.uid)


def test_events_keep_their_order_and_bounds() -> None:
    shown = pod()
    base = _packing_view(shown)
    base.absorb(base.with_changes([upsert(event(shown, "Unhealthy", ago=4000 - n)) for n in range(30)]))
    assert len(base.events_of(shown.uid)) == view.MAX_EVENTS_PER_OBJECT
    fresh = event(shown, "Failed", ago=10)
    base.absorb(base.with_changes([upsert(fresh)]), now=NOON)
    assert [kept.uid for kept in base.events_of(shown.uid)] == [fresh.uid]
    assert base.count(Event.kind) == 1


def test_two_kinds_with_the_same_uid_stay_apart() -> None:
    service, config = (make(kind, name="x", meta={"uid": "same"}) for kind in ("Service", "ConfigMap"))
    base = _packing_view(service, config, *(pod(name=f"p{n}") for n in range(20)), typed_at_most=1)
    for _ in range(3):
        assert (base.get("Service", "same"), base.get("ConfigMap", "same")) == (service, config)
        assert len(names(base.pods_in("shop"))) == 20


def test_the_limit_may_fall() -> None:
    limit = [50]
    base = ClusterView(lambda: limit[0])
    things = [pod(name=f"p{n}") for n in range(50)]
    base.load((obj.kind, obj) for obj in things)
    assert all(base.get("Pod", obj.uid) == obj for obj in things)
    limit[0] = 1
    base.absorb(base.with_changes([]))
    assert all(base.get("Pod", obj.uid) == obj for obj in things)


@pytest.mark.parametrize(
    ("limit", "bound"),
    [pytest.param(lambda: 1, 1500, id="packed"), pytest.param(None, 8000, id="typed")],
)
def test_a_pod_costs_few_bytes(limit: Callable[[], int] | None, bound: int) -> None:
    """Allocated bytes a pod, of 2,000 pods in 40 workloads: 1.2 KB packed, 6 KB typed."""
    pods = [(each.uid, each.namespace, each.name, each.at(number)) for number, each in enumerate(fleet(workloads=40))]
    tracemalloc.start()
    try:
        kept = ClusterView(limit)
        kept.load(("Pod", objects.decode("Pod", raw)) for _, _, _, raw in pods)
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size / len(pods) < bound
    uid, namespace, name, raw = pods[7]
    assert kept.get("Pod", uid) == objects.decode("Pod", raw, uid=uid, namespace=namespace, name=name)
    assert json.loads(raw)["metadata"]["uid"] == uid


def test_a_change_of_a_packed_object_is_seen_with_what_was_before() -> None:
    things = [pod(status(), name=f"p{n}") for n in range(9)]
    base = _packing_view(*things, typed_at_most=1)
    newer = pod(status(), name="p3", meta={"uid": things[3].uid}, spec={"nodeName": "node-2"})
    overlay = base.with_changes([(ObjectChange(Op.UPSERT, "Pod", newer.uid, "shop", "p3", "2", b""), newer)])
    assert overlay.previous("Pod", newer.uid) == things[3]
    assert overlay.get("Pod", newer.uid) is newer
    assert overlay.has_change(newer.uid)
    assert not overlay.has_change(things[4].uid)


NOT_OF_A_VIEW = frozenset({"other is not port", "failure is not first"})  # parts of one object, values of grouping


@pytest.mark.parametrize("room", ["detectors", "grouping"])
def test_objects_of_a_view_are_compared_by_value(room: str) -> None:
    """Two reads of a packed object give two equal values."""
    found = {
        ast.unparse(compare)
        for path in Path(optral.__file__).parent.joinpath(room).rglob("*.py")
        for compare in ast.walk(ast.parse(path.read_text()))
        if isinstance(compare, ast.Compare) and any(map(_is_identity, compare.ops, compare.comparators))
    }
    assert found - NOT_OF_A_VIEW == set()


def _is_identity(operator: ast.cmpop, value: ast.expr) -> bool:
    """Whether this compares two objects by identity: not with None, and not with a class or a member of an enumeration."""
    name = value.id if isinstance(value, ast.Name) else value.attr if isinstance(value, ast.Attribute) else "other"
    return isinstance(operator, ast.Is | ast.IsNot) and not isinstance(value, ast.Constant) and not name[0].isupper()
