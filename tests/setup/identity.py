"""A certified OpenID Connect provider to sign in with, installed once by npm into the cache."""

from pathlib import Path

from tests.setup import machine, node

PACKAGE, VERSION = "oidc-provider", "9.13.3"
HOME = machine.CACHE / f"{PACKAGE}-{VERSION}"


def find() -> Path:
    """The folder in whose `node_modules` it is."""
    if not (HOME / "node_modules" / PACKAGE / "package.json").exists():
        npm = node.find() / "npm"
        HOME.mkdir(parents=True, exist_ok=True)
        (HOME / "package.json").write_text('{"private": true, "type": "module"}')
        machine.say(f"installing {PACKAGE} {VERSION} (once, into {HOME})")
        machine.run(npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", f"{PACKAGE}@{VERSION}", cwd=HOME)
    return HOME
