"""Finds, fetches or builds what tests need beside Python: `python -m tests.setup PART...`.

What the machine has is used. What it lacks comes from Debian's packages (root on Debian), else from the wheels locked in
requirements/tools.txt, else is built once through the Go module proxy into a cache outside the repository. What cannot be had stops with
one line that says what to install. Nothing here imports Optral: it runs before the rest is known to work.
"""
