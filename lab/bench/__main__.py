"""The command line of the benchmark: which rows, how long, how often; one table."""

import argparse
import json
import os
import platform
import sys
from pathlib import Path

from lab.bench import (
    assistants,
    executing,
    explain,
    explain_stored,
    finding,
    looks,
    messages,
    neighbours,
    pages,
    quiet,
    reads,
    record,
    rows,
    traced,
)
from lab.bench.rows import Options, Row

ROWS = {
    **rows.ROWS,
    **looks.ROWS,
    **explain.ROWS,
    **explain_stored.ROWS,
    **neighbours.ROWS,
    **reads.ROWS,
    **pages.ROWS,
    **executing.ROWS,
    **finding.ROWS,
    **assistants.ROWS,
    **messages.ROWS,
    **traced.ROWS,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"{', '.join(ROWS)}; all by default")
    parser.add_argument("--seconds", type=float, default=60, help="of ingest, a run (60; the promise is about 300)")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", metavar="FILE", help="write the rows there too")
    parser.add_argument("--save", action="store_true", help="make these the recorded figures, and write docs/performance.md")
    parser.add_argument("--busy", action="store_true", help="do not wait for a quiet machine")
    given = parser.parse_args()
    if unknown := set(given.rows) - set(ROWS):
        parser.error(f"no row {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}")
    busy = quiet.busy_cores() if given.busy else quiet.wait_until_quiet()
    if busy > quiet.BUSY:
        print(f"this machine is busy: other processes use {busy:.1f} cores; ratios may hold, figures do not\n")
    print(f"{os.cpu_count()} cores shared by all processes of a run, Python {platform.python_version()}; medians of {given.runs}\n")
    print(f"{'what':48} {'figure':>12} {'target':>16} {'':4} {'ratio':>7}  baseline")
    found: list[Row] = []
    failed = 0
    for name in given.rows or ROWS:
        try:
            for row in ROWS[name](Options(seconds=given.seconds, runs=given.runs)):
                found.append(row)
                show(row)
        except (RuntimeError, AssertionError) as error:
            failed += 1
            print(f"{name}: could not be measured: {str(error).splitlines()[0] if str(error) else error!r}", flush=True)
    if given.json:
        Path(given.json).write_text(json.dumps([vars(row) for row in found], indent=1) + "\n")
    for loss in (lost := record.losses(found)):
        print(f"worse than recorded, {loss.factor:.2f} times: {loss.what.strip()}: {loss.recorded:,.2f} before, {loss.now:,.2f} now")
    if given.save:
        record.save(found, busy=busy, runs=given.runs)
    return 1 if failed or lost or any(row.is_met is False for row in found) else 0


def show(row: Row) -> None:
    figure = f"{row.figure:,.1f} {row.unit}".strip()
    verdict = {True: "ok", False: "MISS", None: ""}[row.is_met]
    ratio = "-" if row.ratio is None else f"{row.ratio:.2f}x"
    print(f"{row.what:48} {figure:>12} {row.target:>16} {verdict:4} {ratio:>7}  {row.baseline}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
