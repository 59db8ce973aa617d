"""From the score of the best hypothesis to a confidence: how often answers with such a score turned out to be right.

The knots are measured by `python -m tests.tools.calibrate` and written here by it; docs/calibration.md tells how and on what. Below one
half too few answers were judged to say more than the score itself. The map only stretches: it never changes which answer is the best.
"""

from bisect import bisect_right

KNOTS: tuple[tuple[float, float], ...] = (
    (0.0, 0.0),
    (0.5, 0.5),
    (0.55, 0.55),
    (0.6, 0.6),
    (0.65, 0.65),
    (0.7, 0.7),
    (0.75, 0.75),
    (0.8, 0.8),
    (0.84, 0.925),
    (0.899, 0.978),
    (0.942, 0.99),
    (0.964, 0.99),
    (1.0, 0.99),
)
"""(score, confidence), both rising from 0 to 1; straight between two knots."""


def confidence(score: float) -> float:
    """The confidence for a score; both 0 to 1."""
    if score <= KNOTS[0][0]:
        return KNOTS[0][1]
    if score >= KNOTS[-1][0]:
        return KNOTS[-1][1]
    place = bisect_right([knot[0] for knot in KNOTS], score)
    (left, low), (right, high) = KNOTS[place - 1], KNOTS[place]
    return low + (high - low) * (score - left) / (right - left)
