"""The images' locks: what each program imports is in them, at the versions that the tests run with, and nothing for somebody else."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PINS = re.compile(r"^([\w.-]+)==(\S+)", re.MULTILINE)
SERVER_ONLY = {"fastapi", "starlette", "uvicorn", "sqlalchemy", "alembic", "psycopg", "psycopg-binary", "pydantic", "pwdlib", "argon2-cffi"}

IMPORTED = """
import importlib, importlib.metadata, json, pkgutil, sys
for module in {modules}:
    importlib.import_module(module)
    for found in pkgutil.walk_packages(getattr(sys.modules[module], "__path__", ()), module + "."):
        importlib.import_module(found.name)
owners = importlib.metadata.packages_distributions()
tops = {{name.partition(".")[0] for name, module in sys.modules.items() if getattr(module, "__file__", None)}}
print(json.dumps(sorted({{owner for top in tops for owner in owners.get(top, ())}})))
"""


def pins(name: str) -> dict[str, str]:
    return dict(PINS.findall((ROOT / f"requirements/{name}.txt").read_text()))


@pytest.mark.parametrize("lock", ["agent", "build", "server"])
def test_the_images_hold_the_versions_that_are_tested(lock: str) -> None:
    tested = pins("dev")
    assert {name: version for name, version in pins(lock).items() if tested.get(name) != version} == {}


def test_the_agents_image_holds_nothing_for_the_server_alone() -> None:
    assert pins("agent").keys() & SERVER_ONLY == set()
    assert pins("agent").keys() < pins("server").keys()
    assert pins("server").keys() >= SERVER_ONLY


def test_the_agents_image_holds_what_the_agent_imports() -> None:
    code = IMPORTED.format(modules=["optral.cli.main", "optral.cli.processes", "optral.agent", "optral.kubeapi", "uvloop"])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    imported = {name.lower().replace("_", "-") for name in json.loads(done.stdout)}
    # greenlet, setuptools and the like share a top-level name with something else, and nothing of the agent needs them.
    shared = {"optral", "greenlet", "setuptools", "grpcio-tools", "colorama", "googleapis-common-protos"}
    assert imported - shared - pins("agent").keys() == set()
