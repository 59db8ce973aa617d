"""Values and rules of detector settings; how they are applied is `detectors/tuning.py`."""

from dataclasses import dataclass
from datetime import datetime

from optral.detectors.tuning import Tuning, TuningScope

MAX_TUNINGS = 500  # of one organization; all of them are read with every change of the settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuned:
    """The settings of an organization for one type in one place, their author and time."""

    type: str
    place: TuningScope
    tuning: Tuning
    updated_by: str
    updated_at: datetime
