"""The verbs a step may use, as this room needs them: which values each takes, and which object it touches."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from optral.terms import fields, verbs
from optral.terms.errors import Invalid
from optral.terms.verbs import VERBS, Verb

BY_NAME: Mapping[str, Verb] = VERBS


def misfit(verb: str, values: Mapping[str, Any]) -> str | None:
    """Why the verb cannot take these values; None when it can, or when a reference leaves it open."""
    try:
        if "${" not in str(values):
            checked(verb, values)
        elif verb == "patch" and "${" not in f"{values.get('kind')}{values.get('field')}":
            fields.find(str(values.get("kind")), str(values.get("field")))
    except (Invalid, ValueError) as error:
        return error.say if isinstance(error, Invalid) else str(error)
    return None


@cache
def fields_of(verb: str) -> Mapping[str, bool]:
    """The values a verb takes, and whether each is needed."""
    return {one.encode_name: one.required for one in msgspec.structs.fields(BY_NAME[verb].params)}


def checked(verb: str, values: Mapping[str, Any]) -> tuple[str, str | None, str]:
    """Kind (short), namespace and name of what a step with these values is about. Raises `Invalid` when the verb does not take them."""
    kind, namespace, name = verbs.check(BY_NAME[verb], values).target
    return kind.partition(".")[0], namespace or None, name
