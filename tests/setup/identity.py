"""`oidc-provider`, a certified OpenID Connect provider, to sign in with: installed once by npm into the cache."""

import json
from pathlib import Path

from tests.setup import machine, node

VERSION = "9.13.3"
HOME = machine.CACHE / f"oidc-provider-{VERSION}"
MODULE = HOME / "node_modules/oidc-provider"


def find() -> Path:
    """The folder in whose `node_modules` it is."""
    if not (MODULE / "package.json").exists():
        npm = node.find() / "npm"
        HOME.mkdir(parents=True, exist_ok=True)
        (HOME / "package.json").write_text(json.dumps({"private": True, "type": "module"}))
        machine.say(f"installing oidc-provider {VERSION} (once, into {HOME})")
        machine.run(npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", f"oidc-provider@{VERSION}", cwd=HOME)
    return HOME
