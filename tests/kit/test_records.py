"""Records as JSON, as rows, and changed by functions."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import pytest

from optral.kit import records


class Color(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    clusters: frozenset[str] | None = None
    max_depth: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    name: str
    color: Color | None = None
    shown_names: tuple[str, ...] = ()
    others: Sequence[str] = ()
    where: Where = field(default_factory=Where)
    labels: Mapping[str, str] = field(default_factory=dict)
    is_on: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored(Settings):
    id: str


GIVEN = {"name": "x", "color": "red", "shown_names": ["b", "a"], "where": {"clusters": ["b", "a"]}, "others": ["c"]}
SETTINGS = Settings(name="x", color=Color.RED, shown_names=("b", "a"), where=Where(clusters=frozenset({"a", "b"})), others=("c",))
PLAIN = {
    "name": "x",
    "color": "red",
    "shownNames": ["b", "a"],
    "others": ["c"],
    "where": {"clusters": ["a", "b"]},
    "isOn": True,
}


def test_a_record_is_built_from_what_a_request_gives() -> None:
    assert records.build(Settings, GIVEN) == SETTINGS


def test_a_record_is_written_as_json_without_what_is_none_and_read_again() -> None:
    assert json.loads(json.dumps(records.plain(SETTINGS, Settings))) == PLAIN
    assert records.build(Settings, PLAIN) == SETTINGS


def test_an_unknown_member_is_refused() -> None:
    with pytest.raises(KeyError):
        records.build(Settings, {"name": "x", "colour": "red"})


def test_a_change_leaves_what_it_does_not_name() -> None:
    stored = records.extended(Stored, SETTINGS, id="1")
    assert records.changing(Stored, {"color": None, "is_on": False})(stored) == Stored(
        id="1", name="x", shown_names=("b", "a"), where=SETTINGS.where, others=("c",), is_on=False
    )


def test_a_row_keeps_every_member() -> None:
    stored = records.extended(Stored, SETTINGS, id="1")
    row = json.loads(json.dumps(records.row(stored)))
    assert row == {"name": "x", "color": "red", "shown_names": ["b", "a"], "others": ["c"], "is_on": True, "id": "1"} | {
        "where": {"clusters": ["a", "b"]}, "labels": {}
    }  # fmt: skip
    assert records.from_row(Stored, [row[name] for name in records.names(Stored)]) == stored
    assert records.row(records.changing(Stored, {"color": None})(stored))["color"] is None
