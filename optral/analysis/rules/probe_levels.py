"""Decision tables: how well each cause explains that a probe gets no response."""

from typing import NamedTuple

from optral.analysis.engine.calibration import Level
from optral.analysis.rules.decisions import Table, row

WRONG_PORT: Table[Level | None] = Table(
    row(Level.STRONG, "elsewhere", "image"),
    row(Level.PROVEN, "elsewhere", "confirmed"),
    row(Level.STRONG, "elsewhere"),
    row(Level.STRONG, "unknown", "started"),
    row(Level.PLAUSIBLE, "unknown"),
    row(None),
)
"""The probe uses the wrong port. The signs:

- `elsewhere`: something names another port; `image`: only the default port of its image does;
- `confirmed`: two sources name it, the probe was changed, or the application has started;
- `unknown`: the connection is refused, and only the probe names this port; `started`: the log says that the application has started.
"""

WRONG_PROTOCOL: Table[Level | None] = Table(
    row(None, "not foreign"),
    row(Level.POSSIBLE, "cut_short"),
    row(Level.LIKELY, "hasty"),
    row(Level.STRONG, "listens"),
    row(Level.LIKELY),
)
"""The probe uses the wrong protocol. The signs:

- `foreign`: the port appears to serve another protocol;
- `cut_short`: another probe keeps restarting the container, so this one may only have seen startups;
- `hasty`: the probe clearly kills the container within seconds, which explains the failure without another protocol;
- `listens`: the log says that the application listens on this very port.
"""

SHORT, STARTING, BRIEF = "short", "starting", "brief"


class TightProbe(NamedTuple):
    """How certain it is that a probe leaves too little time, and why: SHORT, STARTING or BRIEF."""

    level: Level
    reason: str


TIGHT: Table[TightProbe | None] = Table(
    row(TightProbe(Level.STRONG, SHORT), "kills_starting", "short", "very_short"),
    row(TightProbe(Level.LIKELY, SHORT), "kills_starting", "short"),
    row(TightProbe(Level.STRONG, STARTING), "kills_starting", "starting", "logs_startup"),
    row(TightProbe(Level.PLAUSIBLE, STARTING), "kills_starting", "starting"),
    row(TightProbe(Level.PLAUSIBLE, BRIEF), "brief"),
    row(None),
)
"""The probe leaves too little time. The signs:

- `kills_starting`: it is the probe that kills a container which starts slowly, and the application does not listen on another port;
- `short`: it kills within seconds, and the container was killed about then; `very_short`: after one failure, or within five seconds;
- `starting`: the container was killed at the first chance, and its log shows no error and no completed start;
- `logs_startup`: it logged something until then;
- `brief`: the response is late, and the probe waits one second at most.
"""

TIGHT_AT_MOST: Table[Level] = Table(
    row(Level.POSSIBLE, "elsewhere"),
    row(Level.PLAUSIBLE, "open"),
    row(Level.PLAUSIBLE, "foreign", "patient"),
    row(Level.PROVEN),
)
"""The highest level that `TIGHT` may have, given the alternatives. The signs:

- `elsewhere`: something names another port;
- `open`: a wrong port and a slow start would look the same;
- `foreign`: the port appears to serve another protocol; `patient`: the probe allows more than a few seconds.
"""

UNHEALTHY: Table[Level] = Table(
    row(Level.LIKELY, "passed"),
    row(Level.HINT, "elsewhere"),
    row(Level.POSSIBLE, "cut_short"),
    row(Level.POSSIBLE, "tight", "not open"),
    row(Level.PLAUSIBLE),
)
"""The application itself fails. The signs:

- `passed`: the same probe passed for a long time, or passes in another pod;
- `elsewhere`, `cut_short`, `open`: as above; `tight`: the probe leaves too little time.
"""
