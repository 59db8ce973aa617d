"""`optral issues trends`: issues opened and resolved over time as bars, and what took long or is noisy."""

import sys
from datetime import datetime
from typing import Any

from optral.cli.base import output
from optral.cli.base.output import Column, clean
from optral.kit import durations

BARS = " ▁▂▃▄▅▆▇█"
TYPES = (
    Column("TYPE", "type", whole=True),
    Column("OPENED", "opened", whole=True),
    Column("UNRESOLVED", "unresolved", whole=True),
    Column("WORST", "severity", whole=True),
)
OWNERS = (Column("OWNER", "object", whole=True), Column("CLUSTER", "cluster"), *TYPES[1:])
MEDIANS = (("explain", "timeToExplain"), ("acknowledge", "timeToAcknowledge"), ("resolve", "timeToResolve"))


def render(found: dict[str, Any]) -> None:
    lines = [f"last {found['range']}: {found['opened']} opened, {found['resolved']} resolved"]
    if found["buckets"]:
        lines += [
            "",
            *(f"  {name:<9} {bars([bucket[name] for bucket in found['buckets']])}" for name in ("opened", "resolved")),
            _axis(found),
        ]
    lines += ["", *(f"  median time to {word:<12} {_delay(found[name])}" for word, name in MEDIANS)]
    sys.stdout.write("".join(f"{clean(line)}\n" for line in lines))
    owners = [
        owner | {"object": f"{owner['kind']} {'/'.join(part for part in (owner.get('namespace'), owner['name']) if part)}"}
        for owner in found["owners"]
    ]
    for title, columns, rows in (("types", TYPES, found["types"]), ("owners", OWNERS, owners)):
        if rows:
            sys.stdout.write(f"\n{title}\n")
            output.table(columns, rows)


def bars(counts: list[int]) -> str:
    """A bar for each count; a count above zero always shows."""
    most = max([*counts, 1])
    return "".join(BARS[0] if not count else BARS[max(1, round(count / most * (len(BARS) - 1)))] for count in counts)


def _axis(found: dict[str, Any]) -> str:
    """From when to when, under the bars."""
    first = datetime.fromisoformat(found["since"]).astimezone()
    text = f"{first:%b %d %H:%M}"
    return f"  {'':<9} {text}{'now':>{max(len(found['buckets']) - len(text), 4)}}"


def _object(owner: dict[str, Any]) -> str:
    return f"{owner['kind']} {'/'.join(part for part in (owner.get('namespace'), owner['name']) if part)}"


def _delay(delay: dict[str, Any]) -> str:
    seconds = delay.get("medianSeconds")
    return "-" if seconds is None else f"{durations.short(seconds)} (of {delay['issues']})"
