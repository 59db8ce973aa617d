"""Whether a resource is healthy, by what it reports itself: one pure function for every kind, built-in add-ons and unknown ones alike.

A table knows the kinds of common projects (`table.py`); every other kind is judged by the conventions that operators share (`generic.py`).
Nothing here looks at the time: how long a state may last is the matter of the detector.
"""

from optral.kube.health.model import HEALTHY as HEALTHY, UNKNOWN as UNKNOWN, Health as Health, State as State, Tree


def assess(kind: str, tree: Tree, *, use_table: bool = True) -> Health:
    """The health of an object of this `Kind.id`, given its JSON. Never raises for any JSON object.

    Without `use_table` the kind counts as unknown, for measuring what the conventions alone find.
    """
    from optral.kube.health import generic, table  # 4 ms that only a process with custom resources pays

    if (found := generic.before_status(tree)) is not None:
        return found
    for rule in table.rules_of(kind) if use_table else ():
        if (found := rule(tree)) is not None:
            return found
    return generic.assess_status(tree)


def failing_conditions(tree: Tree) -> list[Health]:
    """The conditions that report a failure of the present generation, each as the health that it shows. Never raises."""
    from optral.kube.health import generic

    return [one.health(State.DEGRADED) for one in generic.current(tree) if generic.judge(one) is State.DEGRADED]
