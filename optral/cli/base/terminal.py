"""What the terminal can show, and the pager for what is longer than it.

Colors: NO_COLOR and TERM=dumb switch them off, CLICOLOR=0 too; CLICOLOR_FORCE keeps them where stdout is no terminal. The pager is
OPTRAL_PAGER, else PAGER, else `less`; an empty OPTRAL_PAGER, `cat`, or `--no-pager` switches it off.
"""

import os
import shlex
import shutil
import subprocess
import sys

_is_paging = True


def no_pager() -> None:
    """For the rest of the command."""
    global _is_paging
    _is_paging = False


def has_colors() -> bool:
    """Whether what is written may have colors."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or os.environ.get("CLICOLOR") == "0":
        return False
    return sys.stdout.isatty() or forces_colors()


def forces_colors() -> bool:
    return os.environ.get("CLICOLOR_FORCE", "0") != "0"


def write(text: str) -> None:
    """Write to stdout; through the pager if it is a terminal with fewer lines."""
    pager = _pager() if _is_paging and sys.stdout.isatty() and text.count("\n") >= shutil.get_terminal_size().lines else []
    if not pager:
        sys.stdout.write(text)
        return
    environment = {"LESS": "FRX", "LV": "-c", **os.environ}  # quit if it fits, show colors, leave the text on the screen
    try:
        subprocess.run(pager, input=text, text=True, check=False, env=environment)  # noqa: S603 - the user named it
    except OSError:
        sys.stdout.write(text)


def _pager() -> list[str]:
    """The command and its arguments; none for no pager."""
    given = os.environ.get("OPTRAL_PAGER", os.environ.get("PAGER", "less"))
    try:
        words = shlex.split(given)
    except ValueError:  # unbalanced quotes
        return []
    return words if words and words != ["cat"] and shutil.which(words[0]) else []
