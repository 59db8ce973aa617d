"""JSON shapes that follow from others: the body of a PATCH and the answer from the body of a POST, and answers from records.

What people set is declared once, in the body that creates it. Members whose text differs are declared again in the class that follows.
"""

from collections.abc import Callable, Collection, Mapping
from types import NoneType
from typing import Annotated, Any, TypeVar, cast, get_args, get_origin, get_type_hints

from pydantic import Field, create_model
from pydantic.fields import FieldInfo

from optral.api.http.routing import Shape
from optral.kit import records
from optral.kit.records import R

M = TypeVar("M", bound=Shape)
C = TypeVar("C")
_annotated: Any = Annotated


def change_of(created: type[Shape], *, but: Collection[str] = ()) -> Callable[[type[M]], type[M]]:
    """For the body of a PATCH: it takes every member of `created`, or none of it, under the same rules."""
    hints = get_type_hints(created, include_extras=True)
    members = {name: (_optional(hints[name], info), None) for name, info in created.model_fields.items() if name not in but}
    return _with(members, after=None)


def _optional(hint: Any, info: FieldInfo) -> Any:
    is_whole = get_origin(hint) is Annotated or not info.metadata
    return hint | None if is_whole else _annotated[(hint | None, *info.metadata)]


def answer_of(created: type[Shape], *, but: Collection[str] = (), after: str | None = "id") -> Callable[[type[M]], type[M]]:
    """For an answer: it gives every member of `created`, behind the member `after`."""
    hints = get_type_hints(created)
    members = {name: (hints[name], None if NoneType in get_args(hints[name]) else ...) for name in created.model_fields if name not in but}
    return _with(members, after=after)


def conditions_of(given: type[Shape]) -> Callable[[type[M]], type[M]]:
    """For conditions in an answer: every member of `given` with its description, absent if it does not restrict."""
    hints = get_type_hints(given)
    members = {
        name: (hints[name] | None, Field(None, description=info.description, examples=info.examples))
        for name, info in given.model_fields.items()
    }
    return _with(members, after=None)


def _with(members: Mapping[str, tuple[Any, Any]], *, after: str | None) -> Callable[[type[M]], type[M]]:
    """Members that the class declares itself stay as declared."""

    def decorate(shape: type[M]) -> type[M]:
        own: dict[str, Any] = {name: (info.annotation, info) for name, info in shape.model_fields.items()}
        first = {} if after is None else {after: own.pop(after)}
        more = {name: own.pop(name, member) for name, member in members.items()}
        made: Any = create_model(
            shape.__name__, __base__=shape.__base__, __module__=shape.__module__, __doc__=shape.__doc__, **first, **more, **own
        )
        return cast(type[M], made)

    return decorate


def renderer(shape: type[Shape], record: type[R], **computed: str | Callable[[R], Any]) -> Callable[[R], dict[str, Any]]:
    """How a record becomes the JSON of its shape, without what is None. `computed`: members of another name, or computed from the record.

    Raises `TypeError` for a member of the shape that is in neither.
    """
    return records.object_writer(_sources(shape, record, computed))


def renderer_in(
    shape: type[Shape], record: type[R], _context: type[C], **computed: str | Callable[[R, C], Any]
) -> Callable[[R, C], dict[str, Any]]:
    """As `renderer`, for members that are computed from the record and a context, such as the time or the names of clusters."""
    plain = {name: source for name, source in computed.items() if isinstance(source, str)}
    others = {name: source for name, source in computed.items() if not isinstance(source, str)}
    members = _sources(shape, record, plain | dict.fromkeys(others, _nothing))
    names = {info.alias or records.camel(name): name for name, info in shape.model_fields.items()}
    sources = [(name, get, others.get(names[name])) for name, get in members]

    def render(one: R, context: C) -> dict[str, Any]:
        return {
            name: value for name, get, compute in sources if (value := get(one) if compute is None else compute(one, context)) is not None
        }

    return render


def _nothing(_record: Any) -> None:
    return None


def _sources(shape: type[Shape], record: type[Any], computed: dict[str, Any]) -> list[tuple[str, Callable[[Any], Any]]]:
    """Of each member its name in JSON, and what gets its value."""
    members = []
    for name, info in shape.model_fields.items():
        source = computed.pop(name, name)
        if isinstance(source, str) and not hasattr(record, source):
            raise TypeError(f"{record.__name__} has no {source} for {shape.__name__}")
        get = records.getter(record, source) if isinstance(source, str) else source
        members.append((info.alias or records.camel(name), get))
    if computed:
        raise TypeError(f"{shape.__name__} has no {', '.join(computed)}")
    return members
