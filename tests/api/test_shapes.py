"""Shapes that follow from the body of a POST."""

from dataclasses import dataclass

import pytest
from pydantic import Field, ValidationError

from optral.api.http.routing import Input, Shape
from optral.api.http.shapes import answer_of, change_of, renderer, renderer_in


class NewBox(Input):
    name: str = Field(min_length=1)
    kind: str
    size: int = Field(1, ge=1)
    secret: str = "x"


@change_of(NewBox, but=["kind", "secret"])
class BoxChange(Input):
    is_open: bool | None = Field(None, alias="open")


@answer_of(NewBox, but=["secret"])
class BoxShape(Shape):
    id: str
    revision: int = Field(alias="version")


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    id: str
    name: str
    kind: str | None
    size: int
    revision: int = 1


def test_a_change_takes_any_of_the_members_under_the_same_rules() -> None:
    assert BoxChange.model_validate({"size": 2, "open": True}).model_dump(exclude_none=True) == {"size": 2, "is_open": True}
    for bad in ({"name": ""}, {"size": 0}, {"kind": "x"}):
        with pytest.raises(ValidationError):
            BoxChange.model_validate(bad)


def test_an_answer_has_the_members_behind_the_id() -> None:
    assert list(BoxShape.model_fields) == ["id", "name", "kind", "size", "revision"]
    assert BoxShape.model_validate({"id": "1", "name": "", "kind": "k", "size": 0, "version": 1})


def test_an_answer_is_rendered_in_the_order_of_its_shape_without_what_is_none() -> None:
    shown = renderer(BoxShape, Box, size=lambda box: box.size * 2)(Box(id="1", name="x", kind=None, size=2))
    assert list(shown.items()) == [("id", "1"), ("name", "x"), ("size", 4), ("version", 1)]


def test_a_member_may_follow_from_the_record_and_a_context() -> None:
    shape = renderer_in(BoxShape, Box, int, size=lambda box, factor: box.size * factor)
    assert list(shape(Box(id="1", name="x", kind=None, size=2), 3).items()) == [("id", "1"), ("name", "x"), ("size", 6), ("version", 1)]


def test_a_shape_with_a_member_that_the_record_lacks_is_refused() -> None:
    with pytest.raises(TypeError, match="NewBox"):
        renderer(NewBox, Box)
