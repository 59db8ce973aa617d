"""Writes the checked-in contracts: `python -m optral.api.pages.contract` renews openapi.json, events.json and runbook.schema.json,
and what the dashboard knows about scopes.

With `--check` nothing is written; the exit code is 1 when a file is not what the code says.
"""

import json
import sys
from pathlib import Path
from typing import Any

from optral.access.model import KEY_PRESETS, SCOPE_TABLE
from optral.api.app import contract, framework
from optral.api.events.event_shapes import schemas
from optral.api.runbooks import runbooks

FOLDER = Path(__file__).parents[3] / "contracts"
SCOPES = "../dashboard/src/api/scopes.json"


def texts() -> dict[str, str]:
    """The files' contents by path below `FOLDER`."""
    return {
        "openapi.json": _text(contract(framework())),
        "events.json": _text(schemas()),
        "runbook.schema.json": _text(runbooks.schema()),
        SCOPES: _text({"scopes": {name: rule._asdict() for name, rule in SCOPE_TABLE.items()}, "presets": KEY_PRESETS}),
    }


def _text(document: Any) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=False) + "\n"


def main(arguments: list[str]) -> int:
    stale = [name for name, text in texts().items() if not (FOLDER / name).exists() or (FOLDER / name).read_text() != text]
    if "--check" in arguments:
        for name in stale:
            sys.stderr.write(f"contracts/{name} is not what the code says: run make contracts\n")
        return 1 if stale else 0
    FOLDER.mkdir(exist_ok=True)
    for name in stale:
        (FOLDER / name).write_text(texts()[name])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
