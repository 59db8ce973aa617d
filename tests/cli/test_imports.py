"""What a command may load before it works. Time is not measured: what is loaded decides it, on every machine.

A failure says through which module the refused one came, and which imports cost most.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import imports

LIBRARIES = {
    "aiohttp": "30 % of the start of the agent; only what talks to an API server needs it",
    "alembic": "migrations: the server alone",
    "asyncio": "20 ms",
    "cryptography": "40 ms; certificates are rare",
    "email": "20 ms",
    "fastapi": "0.4 s",
    "grpc": "0.1 s",
    "httpx2": "60 ms; only commands that call the server need it",
    "mcp": "0.7 s",
    "numpy": "0.2 s",
    "openai": "1 s",
    "pydantic": "0.2 s",
    "pydantic_ai": "2 s",
    "rich": "40 ms; only a terminal shows progress",
    "sqlalchemy": "0.3 s",
    "ssl": "10 ms",
    "starlette": "0.1 s",
    "structlog": "0.1 s, because it loads rich and asyncio",
    "typer": "60 ms",
    "uvicorn": "50 ms",
    "yaml": "20 ms",
}
"""What commands must not load without need, and what it costs."""
ROOMS = {"access", "api", "events", "flows", "gateway", "issues", "resources", "server", "store", "webhooks"}
"""Rooms of the server."""
ALONE = {
    "optral",
    "optral.__main__",
    "optral.cli",
    "optral.cli.commands",
    "optral.cli.base.front",
    "optral.cli.base",
    "optral.cli.main",
    "optral.terms",
}
START = "import sys; sys.argv[1:] = {words!r}\nfrom optral.cli.main import run\nrun()"


def refused(loaded: list[imports.Import], libraries: set[str]) -> list[str]:
    """The refused modules with the way to each, shortest first; only the outermost of each library."""
    found = {}
    for one in loaded:
        top, _, rest = one.name.partition(".")
        is_room = top == "optral" and rest.partition(".")[0] in ROOMS
        if (top in libraries or is_room) and not any(name.partition(".")[0] == top and top != "optral" for name in one.through):
            found[one.name] = f"{' > '.join((*one.through, one.name))}: {LIBRARIES.get(top, 'a room of the server')}"
    return sorted(found.values(), key=len)


def check(code: str, *, allowed: set[str]) -> list[imports.Import]:
    assert allowed <= LIBRARIES.keys()
    loaded = imports.imports_of(code)
    assert any(one.name.startswith("optral") for one in loaded), "nothing was loaded"
    bad = refused(loaded, LIBRARIES.keys() - allowed)
    assert not bad, "\n".join(["loaded without need:", *bad, "most expensive:", imports.most_expensive(loaded)])
    return loaded


@pytest.mark.parametrize("words", [["--help"], [], ["--version"]], ids=" ".join)
def test_the_help_of_optral_loads_no_library(words: list[str]) -> None:
    loaded = {one.name for one in check(START.format(words=words), allowed=set())}
    assert {name for name in loaded if name.startswith("optral")} <= ALONE | {"optral.terms.errors"}
    assert not loaded & {"json", "inspect", "dataclasses", "shutil", "textwrap", "importlib.metadata"}


@pytest.mark.parametrize("words", [["issues", "--help"], ["server", "--help"], ["scan", "--help"], ["version"]], ids=" ".join)
def test_the_help_of_a_command_loads_its_module_alone(words: list[str]) -> None:
    loaded = {one.name for one in check(START.format(words=words), allowed={"typer"})}
    modules = {"triage", "processes", "scan", "about", "webhooks", "members", "ca", "keys", "eval", "runbooks"}
    mine = {"issues": "triage", "server": "processes", "scan": "scan", "version": "about"}[words[0]]
    assert {f"optral.cli.{name}" for name in modules} & loaded == {f"optral.cli.{mine}"}


def test_a_scan_of_a_dump_loads_what_judges_and_nothing_else(tmp_path: Path) -> None:
    dump = tmp_path / "dump.json"
    dump.write_text(
        '{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}]}'
    )
    check(START.format(words=["scan", "--from", str(dump), "-o", "json"]), allowed={"typer"})


AGENT = "from optral.kit import startup\nstartup.begin()\nimport optral.cli.processes, optral.agent.main"
AGENT_LIBRARIES = {
    *("_cffi_backend", "cryptography"),
    *("aiohappyeyeballs", "aiohttp", "aiosignal", "attr", "frozenlist", "idna", "multidict", "propcache", "yarl"),
    *("annotated_doc", "shellingham", "typer"),
    *("google", "grpc"),
    *("msgspec", "re2", "structlog", "typing_extensions", "uuid_utils", "zstandard"),
}
"""What an agent in a pod needs. All of it stays in the memory of every agent: a new one is a decision."""
OF_TESTS = {"_distutils_hack", "colorama", "greenlet", "grpc_tools"}
"""Loaded where they are installed; the image has none of them."""


LOADED = """
import sys, sysconfig
libraries = sysconfig.get_path("purelib"), sysconfig.get_path("platlib")
files = {name: getattr(module, "__file__", None) or "" for name, module in sys.modules.items()}
print(*sorted({name.partition(".")[0] for name, file in files.items() if file.startswith(libraries)}))
print(*sorted(sys.modules))
"""


def agent_loads() -> tuple[set[str], set[str]]:
    """The libraries that are not Python's own, and all modules, of an agent in a pod."""
    done = subprocess.run([sys.executable, "-c", AGENT + LOADED], capture_output=True, text=True, timeout=60, check=True)
    libraries, modules = done.stdout.splitlines()
    return set(libraries.split()), set(modules.split())


def test_an_agent_loads_nothing_of_the_server() -> None:
    needed = {"typer", "aiohttp", "asyncio", "cryptography", "grpc", "email", "ssl", "structlog", "rich"}
    check(AGENT, allowed=needed)


def test_an_agent_loads_only_what_it_needs() -> None:
    """In a pod; a kubeconfig and a policy are YAML, and take that library too."""
    libraries, modules = agent_loads()
    assert libraries - OF_TESTS - {"optral"} == AGENT_LIBRARIES
    assert not modules & {"multiprocessing", "http.server", "unittest", "yaml"}


@pytest.mark.slow
def test_a_server_is_ready_without_the_rules_of_the_analysis() -> None:
    """They take 0.2 s, and the first analysis loads them on its thread."""
    loaded = imports.imports_of("import optral.server.app")
    early = [one for one in loaded if one.name.startswith(("optral.analysis.rules", "optral.analysis.engine.engine"))]
    assert not early, "\n".join(
        [*(" > ".join((*one.through, one.name)) for one in early), "most expensive:", imports.most_expensive(loaded)]
    )


@pytest.mark.slow
def test_a_server_without_traces_loads_no_library_that_exports_them() -> None:
    loaded = imports.imports_of("import optral.server.app")
    bad = [one for one in loaded if one.name.startswith(("opentelemetry.sdk", "opentelemetry.exporter", "opentelemetry.proto"))]
    assert not bad, "\n".join(" > ".join((*one.through, one.name)) for one in bad)


def test_names_the_way_to_a_module_and_the_most_expensive_ones() -> None:
    report = "\n".join(
        [
            "import time: self [us] | cumulative | imported package",
            "import time:       100 |        100 |     deep",
            "import time:      2000 |       2100 |   middle",
            "import time:        50 |       2150 | outer",
            "import time:         7 |          7 | other",
        ]
    )
    found = imports.parse(report)
    assert [(one.name, one.through) for one in found] == [
        ("deep", ("outer", "middle")),
        ("middle", ("outer",)),
        ("outer", ()),
        ("other", ()),
    ]
    assert imports.most_expensive(found, 1).split() == ["2.0", "ms", "outer", ">", "middle"]
