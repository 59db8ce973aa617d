"""`python -m optral` is the `optral` command."""

from optral.cli.main import run

if __name__ == "__main__":
    run()
