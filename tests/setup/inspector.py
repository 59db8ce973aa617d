"""The official inspector of the Model Context Protocol, a client of `/mcp` in tests: installed once into the cache, without scripts."""

from pathlib import Path

from tests.setup import machine, node

VERSION = "2.12.0"
FOLDER = machine.CACHE / f"mcp-inspector-{VERSION}"
PROGRAM = FOLDER / "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js"


def find() -> Path:
    """Its program, for `node`."""
    if not PROGRAM.exists():
        machine.say(f"fetching the inspector {VERSION} (once, into {FOLDER})")
        npm = node.find() / "npm"
        quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        machine.run(npm, "install", "--prefix", FOLDER, *quiet, f"@modelcontextprotocol/inspector@{VERSION}")
    return PROGRAM
