"""Prints the figures of both halves and of the blind cases.

`python -m lab.unseen --misses` lists what went wrong in the half that may be tuned on, `--misses --blind` in the blind cases.
"""

import argparse
from collections import Counter
from collections.abc import Sequence

from lab.unseen import blind, fault, faults, measure, sites, stacks
from optral.scan.scoring import Verdict


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the analysis on fault states that no rule was written for.")
    parser.add_argument("--misses", action="store_true", help="list each miss of the tuned half, or of the blind cases with --blind")
    parser.add_argument(
        "--only", default="", metavar="TEXT", help="cases whose id contains this text: of the tuned half, or the blind ones"
    )
    parser.add_argument("--blind", action="store_true", help="measure the blind cases alone")
    given = parser.parse_args()
    faults.load()
    blind.load()
    if given.only:
        for case in fault.cases(blind=given.blind):
            if given.only in case.id and not case.is_held_out:
                show(measure.run(case))
        return
    for name in (*(() if given.blind else stacks.STACKS), *sites.STACKS):
        _, found = measure.scan((sites if name in sites.STACKS else stacks).build(name, f"healthy {name}").settle())
        print(f"healthy {name}: {len(found.roots)} issues {[f'{root.type} {root.subject.name}' for root in found.roots] or ''}")
    halves = {} if given.blind else _halves([measure.run(case) for case in fault.cases()])
    unread = [measure.run(case) for case in fault.cases(blind=True)]
    print(f"{len(fault.FAULTS)} kinds of fault in {len(stacks.STACKS)} stacks, {len(unread)} blind cases in {len(sites.STACKS)}")
    print_figures({name: measure.figures(half) for name, half in (halves | {"blind": _faulty(unread)}).items()})
    print_verdicts(unread)
    if given.misses:
        for one in unread if given.blind else halves["tuned"]:
            if _is_miss(one):
                show(one)


def _halves(results: Sequence[measure.Result]) -> dict[str, list[measure.Result]]:
    return {name: [one for one in results if one.case.is_held_out == held] for name, held in (("tuned", False), ("held out", True))}


def _faulty(results: Sequence[measure.Result]) -> list[measure.Result]:
    return [one for one in results if one.case.fault.causes]


def _is_miss(one: measure.Result) -> bool:
    if not one.case.fault.causes:
        return one.verdict != "right"
    return not one.is_right or one.facts[0] < one.facts[1] or one.slots[0] < one.slots[1]


def print_figures(rows: dict[str, dict[str, float]]) -> None:
    print(f"{'':18}" + "".join(f"{name:>10}" for name in rows))
    for figure in rows["blind"]:
        print(
            f"{figure:18}"
            + "".join(f"{row[figure]:10.3f}" if isinstance(row[figure], float) else f"{row[figure]:10}" for row in rows.values())
        )


def print_verdicts(results: Sequence[measure.Result]) -> None:
    rows = measure.verdicts(results)
    total = sum((row for name, row in rows.items() if name != "control"), Counter[Verdict]())
    print(f"\n{'class':18}" + "".join(f"{verdict:>10}" for verdict in Verdict))
    for name, row in (rows | {"all faults": total}).items():
        print(f"{name:18}" + "".join(f"{row[verdict]:10}" for verdict in Verdict))
    print(f"{'noise first':18}{sum(one.noise_first for one in results):10}")


def show(one: measure.Result) -> None:
    verdict = one.verdict if one.case.is_blind else "right" if one.is_right else "MISS "
    print(f"\n{verdict} {one.case.id}: expected {'/'.join(one.case.fault.causes)}")
    print(f"   named {one.cause or 'nothing'} {one.subject} {one.confidence}")
    print(f"   facts {one.facts} slots {one.slots} {one.text}")
    print(f"   {one.others}")


if __name__ == "__main__":
    main()
