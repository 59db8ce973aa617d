"""Times from callers: RFC 3339 with an offset, as text, and nothing else.

Left to itself the validator also takes numbers (as Unix seconds), dates without a time and times without seconds; the contract says
`date-time`, and a client that sends another thing means another thing.
"""

import re
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

_FORM = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:(\d\d)(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
_LEAP_SECOND = "60"


def moment(value: Any) -> datetime:
    """The aware datetime of an RFC 3339 text; a leap second is the second after. Raises `ValueError`."""
    form = _FORM.fullmatch(value) if isinstance(value, str) else None
    if form is None:
        raise ValueError("must be an RFC 3339 time, such as 2026-01-15T12:00:00Z")
    text = value.upper()
    if form.group(1) == _LEAP_SECOND:
        try:
            return datetime.fromisoformat(text[: form.start(1)] + "59" + text[form.end(1) :]) + timedelta(seconds=1)
        except OverflowError:
            raise ValueError("must not be after the year 9999") from None
    return datetime.fromisoformat(text)


Moment = Annotated[datetime, PlainValidator(moment), WithJsonSchema({"type": "string", "format": "date-time"})]
TIME_OF_DAY = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
"""Pattern of a local time, such as `22:00`."""
