"""Labels that people add to issues: names and values follow the rules of Kubernetes, at most 32."""

import re
from collections.abc import Mapping

from optral.terms.errors import Invalid

MAX_LABELS = 32
_WORD = r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"
_NAME = re.compile(f"({_WORD}/)?{_WORD}")
_VALUE = re.compile(f"({_WORD})?")


def check(labels: Mapping[str, str], *, field: str = "labels") -> None:
    """Raises `Invalid` for too many labels, and for invalid names and values."""
    errors = [
        {"field": f"{field}.{name[:63]}", "code": "bad_label", "message": "use up to 63 letters, digits, '.', '_', '-' (and '/' in names)"}
        for name, value in labels.items()
        if _NAME.fullmatch(name) is None or _VALUE.fullmatch(value) is None
    ]
    if len(labels) > MAX_LABELS:
        errors.append({"field": field, "code": "too_many", "message": f"at most {MAX_LABELS} labels"})
    if errors:
        raise Invalid(say="the labels are invalid", errors=errors[:20])
