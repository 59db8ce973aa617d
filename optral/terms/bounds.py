"""How far a runbook may raise a value: the rule, and the numbers of the built-in runbooks.

A plan is held to the bounds of its steps (`runbooks/executions/plans.py`), and an analysis suggests no value that they would refuse.
"""

MAX_FACTOR = 4
"""How many times the present value the new one may be, of a limit, a request, a quota or a number of replicas."""
FREE_MEMORY = "64Mi"
"""A memory limit up to this may be set whatever the present one is: below it hardly any process starts."""


def is_too_much(before: int, after: int, *, factor: float | None, up_to: int = 0) -> bool:
    """Whether the new amount is more than `factor` times the present one; amounts up to `up_to` never are. All in one unit.

    A factor does not limit zero, of which every multiple is zero: only the limits of the parameter do.
    """
    return factor is not None and bool(before) and after > max(before * factor, up_to)


def is_raise(before: int, after: int, *, up_to: int = 0) -> bool:
    """Whether the built-in runbooks raise this amount to the new one."""
    return after > before and not is_too_much(before, after, factor=MAX_FACTOR, up_to=up_to)
