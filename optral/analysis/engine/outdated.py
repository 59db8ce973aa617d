"""Whether what pods and nodes use makes an answer out of date. Pure.

Only the rules about usage are run: they cost a tenth of an analysis, and what the others find has not changed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from optral.analysis.engine import calibration, verifier
from optral.analysis.engine.engine import MAX_HYPOTHESES, Investigation
from optral.analysis.model import Hypothesis
from optral.analysis.rules import slow, usage

RULES = (*usage.RULES, *slow.RULES)


def says_more(investigation: Investigation, result: Mapping[str, Any], *, is_repeat: bool) -> bool:
    """Whether these rules found a cause that an answer lacks, or has on weaker evidence.

    `is_repeat`: usage is why that answer was given. If it is not, an answer that rests on no measurement is out of date as well.
    """
    found, _ = verifier.checked(investigation.case, investigation.found, known=investigation.found)
    is_measured = any(one.get("kind") == "metric" for one in result.get("evidence", ()))
    if found and not is_measured and not is_repeat:
        return True
    return any(_score(one, result) < calibration.confidence(one.level) for one in found)


def _score(one: Hypothesis, result: Mapping[str, Any]) -> float:
    """What the answer makes of this cause, or of the last that it has room for."""
    shown: Sequence[Mapping[str, Any]] = result.get("hypotheses", ())
    least: float = min(other["score"] for other in shown) if len(shown) >= MAX_HYPOTHESES else 0.0
    own: list[float] = [other["score"] for other in shown if (other["id"], other["subject"].get("name")) == (one.cause, one.subject.name)]
    return max([least, *own])
