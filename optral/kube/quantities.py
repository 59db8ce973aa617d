"""Kubernetes quantities: "128Mi", "1.5Gi", "250m", "1e3".

A quantity out of a real object has passed the API server's own check; one out of a broken object may be anything, so detectors use the
`…_or_none` forms. Source: Kubernetes API reference, Quantity.
"""

import re
from collections.abc import Callable, Mapping
from decimal import ROUND_CEILING, Decimal

_FORM = re.compile(r"^([+-]?(?:\d{1,40}\.?\d{0,40}|\.\d{1,40}))(?:([eE][+-]?\d{1,3})|([KMGTPE]i|[numkMGTPE]))?$", re.ASCII)
_FACTORS = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    **{suffix: Decimal(1000**power) for power, suffix in enumerate("kMGTPE", start=1)},
    **{f"{suffix}i": Decimal(1024**power) for power, suffix in enumerate("KMGTPE", start=1)},
}
_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")


class BadQuantity(Exception):
    """The text is no quantity, is negative, or does not fit 63 bits."""


def to_bytes(quantity: str | int | float) -> int:
    """Convert a quantity to whole bytes (or whole units), rounded up; 0 <= n < 2**63. Raises `BadQuantity` with the text."""
    return _whole(_parse(quantity), quantity)


def to_milli(quantity: str | int | float) -> int:
    """Convert a quantity of CPU to thousandths of a core, rounded up. Raises `BadQuantity` with the text."""
    return _whole(_parse(quantity) * 1000, quantity)


def read_bytes(quantity: object) -> int | None:
    """As `to_bytes`; None for what is no quantity."""
    return _read(quantity, to_bytes)


def read_milli(quantity: object) -> int | None:
    """As `to_milli`; None for what is no quantity."""
    return _read(quantity, to_milli)


def bytes_or_none(amounts: Mapping[str, str | int | float], resource: str) -> int | None:
    """The bytes of one resource of a `limits` or `requests` map; None where it is absent or unreadable."""
    return read_bytes(amounts.get(resource))


def milli_or_none(amounts: Mapping[str, str | int | float], resource: str) -> int | None:
    """The thousandths of one resource of a `limits` or `requests` map; None where it is absent or unreadable."""
    return read_milli(amounts.get(resource))


def _read(quantity: object, convert: Callable[[str | int | float], int]) -> int | None:
    if isinstance(quantity, bool) or not isinstance(quantity, (str, int, float)):
        return None
    try:
        return convert(quantity)
    except BadQuantity:
        return None


def human_bytes(count: int) -> str:
    """Write bytes as people write limits: 134217728 gives "128Mi", 1500000000 gives "1.4Gi"."""
    size, power = float(count), 0
    while size >= 1024 and power < len(_BINARY) - 1:
        size, power = size / 1024, power + 1
    text = f"{size:.1f}".removesuffix(".0")
    return f"{text}{_BINARY[power]}"


def human_cores(millis: int) -> str:
    """Write CPU as people write it: 250 gives "250m", 1500 gives "1.5"."""
    return f"{millis}m" if millis < 1000 else f"{millis / 1000:.3f}".rstrip("0").rstrip(".")


def written(milli: int, resource: str) -> str:
    """Thousandths of a resource's unit, never rounded down: "1500m" of CPU, "6Gi" of memory or storage, "12" of what is counted."""
    if resource.endswith("cpu"):
        return human_cores(milli)
    count = -(-milli // 1000)
    if not resource.endswith(("memory", "storage")):
        return str(count)
    size, power = (count, 0) if count < 1024**2 else (-(-count // 1024**2), 2)
    while size and size % 1024 == 0 and power < 4:
        size, power = size // 1024, power + 1
    return f"{size}{_BINARY[power]}"


def _parse(quantity: str | int | float) -> Decimal:
    match = _FORM.match(str(quantity))
    if match is None:
        raise BadQuantity(str(quantity)[:100])
    number, exponent, suffix = match.groups()
    value = Decimal(number)
    if exponent:
        return value.scaleb(int(exponent[1:]))
    return value * _FACTORS[suffix] if suffix else value


def _whole(value: Decimal, quantity: str | int | float) -> int:
    if not 0 <= value < 2**63:
        raise BadQuantity(str(quantity)[:100])
    return int(value.to_integral_value(rounding=ROUND_CEILING))
