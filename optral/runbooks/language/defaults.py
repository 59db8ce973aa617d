"""What a parameter may take its default from: the object of the issue, the issue itself, and what its analysis found."""

import re
from collections.abc import Mapping
from typing import Any

from optral.kube.quantities import read_milli

TARGET_FIELDS = ("kind", "namespace", "name", "container", "pod", "node")
FIELDS: Mapping[str, tuple[str, ...]] = {
    "target": TARGET_FIELDS,
    "issue": ("type", "severity", "status", "title"),
    "analysis": ("cause", "recommended.NAME"),
}
"""The fields of each source. NAME: a parameter of the best recommended action that has it; `limitBytes` is `limit` in bytes."""
RECOMMENDED = "recommended."
_REFERENCE = re.compile(r"\$\{(target|issue|analysis)\.([A-Za-z][A-Za-z0-9.]{0,126})\}")
_NAME = re.compile(r"[a-z][A-Za-z0-9]{0,62}")
_BYTES = "Bytes"

Sources = Mapping[str, Mapping[str, Any]]
"""By source, then by field; `recommended.NAME` stands in `analysis` like every other field."""


def bad_reference(text: str) -> str | None:
    """Why a default that contains `${` is not taken; None when it is."""
    found = _REFERENCE.fullmatch(text)
    if found is not None and (found[2] in FIELDS[found[1]] or _is_recommended(found[1], found[2])):
        return None
    known = ", ".join(f"{source}.{name}" for source, names in FIELDS.items() for name in names)
    return f"a default may refer to ${{X}} alone, X of {known}"


def _is_recommended(source: str, name: str) -> bool:
    return source == "analysis" and name.startswith(RECOMMENDED) and _NAME.fullmatch(name.removeprefix(RECOMMENDED)) is not None


def value(default: Any, sources: Sources) -> Any:
    """The default itself, or what it refers to; None when that is not known."""
    found = _REFERENCE.fullmatch(default) if isinstance(default, str) else None
    return default if found is None else sources.get(found[1], {}).get(found[2])


def of_analysis(body: Mapping[str, Any], cause: str | None) -> dict[str, Any]:
    """What defaults may take from the body of an analysis."""
    found: dict[str, Any] = {"cause": cause}
    for action in body.get("recommendedActions") or ():
        for name, given in (action.get("parameters") or {}).items():
            found.setdefault(RECOMMENDED + name, given)
            if (size := _bytes(given)) is not None:
                found.setdefault(RECOMMENDED + name + _BYTES, size)
    return found


def _bytes(given: Any) -> int | None:
    """A quantity of memory or storage as a whole number of bytes."""
    milli = read_milli(given) if isinstance(given, str) else None
    return None if milli is None else milli // 1000
