"""Completion in the shells: the script of each, and what it is answered."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.support.commandline import optral


def completed(typed: str) -> list[str]:
    """What bash would offer after these words."""
    environment = {**os.environ, "_OPTRAL_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split(" ")) - 1)}
    done = subprocess.run([sys.executable, "-m", "optral"], env=environment, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.split()


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("optral is", ["issues"]),
        ("optral issues ex", ["explain"]),
        ("optral issues list --sev", ["--severity"]),
        ("optral issues list -o w", ["wide"]),
        ("optral completion z", ["zsh"]),
        ("optral issues nothing", []),
    ],
)
def test_commands_options_and_values_are_completed(typed: str, offered: list[str]) -> None:
    assert completed(typed) == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_script_that_it_can_read(shell: str) -> None:
    script = optral("completion", shell).stdout
    assert "_OPTRAL_COMPLETE" in script
    if program := shutil.which(shell):
        assert subprocess.run([program, "-n"], input=script, text=True, capture_output=True, check=False).stderr == ""


def test_a_shell_that_is_not_known_is_refused() -> None:
    done = optral("completion", "tcsh")
    assert done.returncode == 2
    assert "'bash', 'zsh', 'fish'" in done.stderr
