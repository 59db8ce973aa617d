"""A List that is read in parts has the items, the members and the rest of the same List read at once."""

import io
import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from optral.scan import long_list
from optral.scan.long_list import LongList
from tests.support.examples import examples

_texts = st.sampled_from(["", "a", '"', "},{", '}, {"kind": "Pod"', "]}", "\\", "\u00fc\n", '{"items": ['])
_values = st.recursive(
    st.none() | st.integers() | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["kind", "items", "a"]), inner, max_size=3),
    max_leaves=8,
)
_items = st.lists(st.fixed_dictionaries({"kind": st.just("Pod")}, optional={"items": _values, "spec": _values}), min_size=1, max_size=12)


@examples(200)
@given(
    items=_items,
    before=st.sampled_from([{}, {"apiVersion": "v1"}, {"metadata": {"continue": "x"}, "kind": "PodList"}]),
    after=st.sampled_from([{}, {"kind": "List", "metadata": {"remainingItemCount": 3}}]),
    indent=st.sampled_from([None, 0, 4]),
    rest=st.sampled_from(["", "\n", '\n{"kind": "List", "items": [{"kind": "Pod"}]}\n', "\n==== START logs"]),
    part=st.integers(1, 300),
)
def test_parts_are_the_whole(items: list[Any], before: Any, after: Any, indent: int | None, rest: str, part: int) -> None:
    text = (json.dumps(before | {"items": items} | after, indent=indent) + rest).encode()
    stream = io.BytesIO(text)
    start = stream.read(text.index(b"[") + 30 + part)
    if not long_list.is_beginning(start):
        return
    listed = LongList(start, lambda _size: stream.read(part))
    found = [json.loads(bytes(item)) for items_of_part in listed.parts() for item in items_of_part]
    assert found == items
    assert listed.problem == ""
    assert json.loads(listed.members) == before | after
    assert (listed.rest + stream.read()).decode() == rest


@pytest.mark.parametrize("cut", [55, 120, -1, -2])
def test_says_that_a_list_is_cut_short_and_gives_what_came_before(cut: int) -> None:
    text = json.dumps({"items": [{"name": f"pod-{number}"} for number in range(9)]}).encode()[:cut]
    stream = io.BytesIO(text)
    start = stream.read(40)
    listed = LongList(start, lambda _size: stream.read(20))
    found = [json.loads(bytes(item)) for items in listed.parts() for item in items]
    assert found == [{"name": f"pod-{number}"} for number in range(len(found))]
    assert "truncated" in listed.problem


@pytest.mark.parametrize(
    "text",
    [
        b'{"meta": {"now": "x"}, "objects": {"items": [{"kind": "Pod"}]}}',
        b'{"kind": "Pod", "spec": {"items": [{"key": "a"}]}}',
        b'{"items": []}',
        b'{"items": [7]}',
        b"[]",
        b"",
    ],
)
def test_reads_only_a_list_of_objects_in_parts(text: bytes) -> None:
    assert not long_list.is_beginning(text)
    with pytest.raises(ValueError, match="List"):
        LongList(text, lambda _size: b"")
