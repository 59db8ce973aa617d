"""The colors of the screens: for dark and for light terminals. One of them is chosen before the program opens."""

import os
from dataclasses import asdict, dataclass
from typing import Literal

Theme = Literal["auto", "dark", "light"]
_LIGHT_BACKGROUNDS = ("7", "15")


@dataclass(frozen=True, slots=True)
class Palette:
    """Colors as `#rrggbb`. Text is written on `page` and on `raised`; `cursor_ink` on `cursor`."""

    page: str
    raised: str
    ink: str
    quiet: str
    line: str
    thumb: str
    thumb_active: str
    cursor: str
    cursor_ink: str
    critical: str
    high: str
    medium: str
    low: str
    good: str

    @property
    def bad(self) -> str:
        return f"bold {self.critical}"

    @property
    def careful(self) -> str:
        return self.medium

    @property
    def severity(self) -> dict[str, str]:
        """The style of each severity, the worst first."""
        return {"critical": self.bad, "high": self.high, "medium": self.medium, "low": self.low}

    def variables(self) -> dict[str, str]:
        """The names that the style sheet uses."""
        return {f"look-{name.replace('_', '-')}": color for name, color in asdict(self).items()}

    def of_footer(self) -> dict[str, str]:
        """What Textual calls the colors of its footer, which are for dark terminals otherwise."""
        return {"footer-foreground": self.ink, "footer-key-foreground": self.ink, "footer-description-foreground": self.quiet}


DARK = Palette(
    page="#11151c",
    raised="#1c2330",
    ink="#d5dbe5",
    quiet="#8fa3bf",
    line="#2b3445",
    thumb="#4a5a78",
    thumb_active="#6b7fa6",
    cursor="#2a3b5c",
    cursor_ink="#ffffff",
    critical="#ff6b6b",
    high="#ff9e64",
    medium="#e0c05c",
    low="#8fa3bf",
    good="#8fd18f",
)
LIGHT = Palette(
    page="#ffffff",
    raised="#eef1f6",
    ink="#1b2230",
    quiet="#4a5a75",
    line="#c9d1de",
    thumb="#9aa8bf",
    thumb_active="#6b7fa6",
    cursor="#d3e0f8",
    cursor_ink="#0d1420",
    critical="#b3261e",
    high="#9a4300",
    medium="#6d5200",
    low="#4a5a75",
    good="#1b6b35",
)
_chosen = [DARK]


def now() -> Palette:
    """The look that was chosen."""
    return _chosen[0]


def choose(theme: Theme) -> Palette:
    """Use this look from now on. `auto` is light where the terminal says that its background is (COLORFGBG), otherwise dark."""
    if theme == "auto":
        theme = "light" if os.environ.get("COLORFGBG", "").rpartition(";")[2] in _LIGHT_BACKGROUNDS else "dark"
    _chosen[0] = LIGHT if theme == "light" else DARK
    return _chosen[0]
