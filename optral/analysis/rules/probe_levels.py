"""Decision tables: how well each cause explains that a probe gets no response."""

from optral.analysis.calibration import Level
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
- `unknown`: the connection is refused and nothing but the probe names this port; `started`: the log says that the application has started.
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

TIGHT_AT_MOST: Table[Level] = Table(
    row(Level.POSSIBLE, "elsewhere"),
    row(Level.PLAUSIBLE, "open"),
    row(Level.PLAUSIBLE, "foreign", "patient"),
    row(Level.PROVEN),
)
"""The most that too little time can be. The signs:

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
