"""The six levels of a hypothesis, and the confidence of an answer at each: how often answers of that level turned out to be right.

A rule returns a level and the facts for it, never a number. `PROBABILITY` is the only place that holds numbers; it is measured by
`python -m lab.tools.calibrate`, which writes it here. docs/calibration.md says how, and on what.
"""

from enum import IntEnum


class Level(IntEnum):
    """How well the evidence supports a cause. Ordered, so that levels can be compared and the lower of two taken with `min`."""

    HINT = 1
    """Some of its traces are there. Listed among the hypotheses; never named as the root cause."""
    POSSIBLE = 2
    """One of several causes that leave the same traces."""
    PLAUSIBLE = 3
    """Fits better than the other candidates, but a fact that would decide is missing."""
    LIKELY = 4
    """The facts fit and one step is inferred."""
    STRONG = 5
    """Every fact is there; another cause would need a coincidence."""
    PROVEN = 6
    """An object, or the component that failed, states the cause, or nothing else can leave these traces."""

    def lowered(self, by: int = 1) -> "Level":
        """This level less so many steps; HINT at the lowest."""
        return Level(max(Level.HINT, self - by))


NAMED = Level.POSSIBLE
"""Below this level no root cause is named, and the analysis is inconclusive."""

PROBABILITY: dict[Level, float] = {
    Level.HINT: 0.2,
    Level.POSSIBLE: 0.42,
    Level.PLAUSIBLE: 0.642,
    Level.LIKELY: 0.875,
    Level.STRONG: 0.977,
    Level.PROVEN: 0.99,
}
"""Level → confidence (0 to 1), rising."""


def confidence(level: Level) -> float:
    """The confidence of an answer at this level; between 0 and 1."""
    return PROBABILITY[level]


def at_most(probability: float) -> Level:
    """The highest level whose confidence is not above this; HINT for anything lower, and for what is no number."""
    return max((level for level, value in PROBABILITY.items() if value <= probability), default=Level.HINT)
