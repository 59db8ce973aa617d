"""OpenID Connect providers to sign in with, installed once by npm into the cache: a certified one, and one that shares no code with it."""

from pathlib import Path

from tests.setup import machine, node

CERTIFIED, SECOND = "oidc-provider", "oauth2-mock-server"
VERSIONS = {CERTIFIED: "9.13.3", SECOND: "9.3.0"}


def find(package: str = CERTIFIED) -> Path:
    """The folder in whose `node_modules` it is."""
    version = VERSIONS[package]
    home = machine.CACHE / f"{package}-{version}"
    if not (home / "node_modules" / package / "package.json").exists():
        npm = node.find() / "npm"
        home.mkdir(parents=True, exist_ok=True)
        (home / "package.json").write_text('{"private": true, "type": "module"}')
        machine.say(f"installing {package} {version} (once, into {home})")
        machine.run(npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", f"{package}@{version}", cwd=home)
    return home


def find_all() -> list[Path]:
    return [find(package) for package in VERSIONS]
