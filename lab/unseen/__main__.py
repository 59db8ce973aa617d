"""Prints the figures of both halves. `python -m lab.unseen --misses` lists what went wrong in the half that may be tuned on."""

import argparse

from lab.unseen import fault, faults, measure, stacks


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the analysis on fault states that no rule was written for.")
    parser.add_argument("--misses", action="store_true", help="list each miss of the tuned half")
    parser.add_argument("--only", default="", metavar="TEXT", help="cases of the tuned half whose id contains this text")
    given = parser.parse_args()
    faults.load()
    if given.only:
        for case in fault.cases():
            if given.only in case.id and not case.is_held_out:
                show(measure.run(case))
        return
    for name in stacks.STACKS:
        _, found = measure.scan(stacks.build(name, f"healthy {name}").settle())
        print(f"healthy {name}: {len(found.roots)} issues {[f'{root.type} {root.subject.name}' for root in found.roots] or ''}")
    results = [measure.run(case) for case in fault.cases()]
    halves = {"tuned": [one for one in results if not one.case.is_held_out], "held out": [one for one in results if one.case.is_held_out]}
    print(f"{len(fault.FAULTS)} kinds of fault in {len(stacks.STACKS)} stacks")
    rows = {name: measure.figures(half) for name, half in halves.items()}
    print(f"{'':18}" + "".join(f"{name:>10}" for name in rows))
    for figure in rows["tuned"]:
        print(
            f"{figure:18}"
            + "".join(f"{row[figure]:10.3f}" if isinstance(row[figure], float) else f"{row[figure]:10}" for row in rows.values())
        )
    if given.misses:
        for one in halves["tuned"]:
            if not one.is_right or one.facts[0] < one.facts[1] or one.slots[0] < one.slots[1]:
                show(one)


def show(one: measure.Result) -> None:
    verdict = "right" if one.is_right else "MISS "
    print(f"\n{verdict} {one.case.id}: expected {'/'.join(one.case.fault.causes)}")
    print(f"   named {one.cause or 'nothing'} {one.subject} {one.confidence}")
    print(f"   facts {one.facts} slots {one.slots} {one.text}")
    print(f"   {one.others}")


if __name__ == "__main__":
    main()
