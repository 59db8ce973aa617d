"""The `optral` command: loads what is called and nothing else, and turns errors into one line and an exit code.

Exit codes: 0 ok, 1 a finding or a refusal, 2 misuse (a wrong option, setting or environment).
"""

import os
import sys

from optral.cli.commands import COMMANDS, COMPLETION
from optral.terms.errors import Misconfigured, OptralError


def run() -> None:
    """Run the command line; the process ends with the exit code."""
    words = sys.argv[1:]
    try:
        if COMPLETION in os.environ:
            from optral.cli import completion

            completion.answer()
        elif not _answer_at_once(words):
            from optral.cli.application import application

            application(words[0] if words[0] in COMMANDS else None)(prog_name=_program())
    except OptralError as error:
        from optral.cli.base import mistakes, output

        output.error(mistakes.text_of(error, words))
        sys.exit(2 if isinstance(error, Misconfigured) else 1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # `optral issues list | head`
        sys.stderr.close()
        sys.exit(0)


def _program() -> str:
    """What usage lines call this program."""
    return "kubectl optral" if sys.argv[0].rpartition(os.sep)[2].startswith("kubectl-optral") else "optral"


def _answer_at_once(words: list[str]) -> bool:
    """Answer `optral`, `optral --help` and `optral --version` without loading any command."""
    if words == ["--version"]:
        from optral import __version__

        print(f"optral {__version__}", flush=True)
    elif words in ([], ["--help"]):
        from optral.cli.base import front

        print(front.help_text(front.terminal_columns(), program=_program()), file=sys.stdout if words else sys.stderr, flush=True)
        if not words:
            sys.exit(2)
    else:
        return False
    return True
