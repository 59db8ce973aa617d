"""The server on one machine: the Compose file and the systemd unit name what exists, hold no password, and confine the server."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import optral
from deploy.images import recipe
from optral.server.settings import Settings

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "deploy/compose.yaml"
UNIT = ROOT / "deploy/systemd/optral.service"
PAGES = {"compose": ROOT / "docs/install/compose.md", "systemd": ROOT / "docs/install/systemd.md"}
SETTINGS = {f"OPTRAL_{name.upper()}" for name in Settings.model_fields}
OURS = ("server", "setup")
# The parts of the Compose Specification that the file uses.
TOP = {"name", "services", "networks", "volumes", "secrets", "x-hardened"}
SERVICE = {
    "image", "command", "restart", "depends_on", "environment", "secrets", "ports", "networks", "volumes", "healthcheck",
    "stop_grace_period", "ulimits", "mem_limit", "shm_size", "user", "read_only", "tmpfs", "cap_drop", "security_opt",
}  # fmt: skip
HEALTH = {"test", "interval", "timeout", "start_period", "start_interval"}
PR_SET_MDWE, MDWE_REFUSE_EXEC_GAIN = 65, 1  # linux/prctl.h
CANNOT_FORBID = 77


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    return found


@pytest.fixture(scope="module")
def unit() -> dict[str, list[str]]:
    """Each directive with its values, in the order of the lines."""
    found: dict[str, list[str]] = {}
    for line in UNIT.read_text().splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


def program_help(*words: str) -> str:
    environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}
    done = subprocess.run([sys.executable, "-m", "optral", *words, "--help"], capture_output=True, text=True, check=True, env=environment)
    return done.stdout


class TestCompose:
    def test_it_uses_the_words_of_the_specification(self, compose: dict[str, Any]) -> None:
        assert set(compose) <= TOP
        for service in compose["services"].values():
            assert set(service) <= SERVICE
            assert set(service.get("healthcheck", {})) <= HEALTH
            assert set(service["networks"]) <= set(compose["networks"])
            assert {volume.partition(":")[0] for volume in service["volumes"]} <= set(compose["volumes"])
            assert set(service["secrets"]) <= set(compose["secrets"])
            assert set(service.get("depends_on", {})) <= set(compose["services"])

    def test_settings_exist_and_read_their_secrets_from_files(self, compose: dict[str, Any]) -> None:
        for name in OURS:
            service = compose["services"][name]
            assert set(service["environment"]) <= SETTINGS
            mounted = {f"/run/secrets/{secret}" for secret in service["secrets"]}
            assert {value for value in service["environment"].values() if str(value).startswith("/run/secrets/")} == mounted

    def test_there_is_no_default_password(self, compose: dict[str, Any]) -> None:
        assert all(list(secret) == ["file"] for secret in compose["secrets"].values())
        for service in compose["services"].values():
            for name, value in service["environment"].items():
                assert "PASSWORD" not in name or name.endswith("_FILE")
                assert not re.search(r"://[^/@]*:[^/@]*@", str(value))

    def test_images_carry_a_version(self, compose: dict[str, Any]) -> None:
        images = {name: service["image"] for name, service in compose["services"].items()}
        assert images["server"] == images["setup"] == f"${{OPTRAL_IMAGE:-optral-server:{optral.__version__}}}"
        assert re.fullmatch(r"\$\{POSTGRES_IMAGE:-postgres:\d+\}", images["postgres"])

    def test_our_containers_are_confined(self, compose: dict[str, Any]) -> None:
        for name in OURS:
            service = compose["services"][name]
            assert (service["user"], service["read_only"], service["cap_drop"]) == (f"{recipe.UID}:{recipe.UID}", True, ["ALL"])
            assert service["security_opt"] == ["no-new-privileges:true"]
        assert compose["networks"]["database"] == {"internal": True}
        assert compose["services"]["postgres"]["networks"] == ["database"]
        assert "ports" not in compose["services"]["postgres"]

    def test_health_is_checked_and_waited_for(self, compose: dict[str, Any]) -> None:
        server, postgres = compose["services"]["server"], compose["services"]["postgres"]
        program, _, code = server["healthcheck"]["test"][1:]
        assert (program, code.count("/readyz")) == (recipe.ENTRYPOINT[0], 1)
        compile(code, "healthcheck", "exec")
        assert postgres["healthcheck"]["test"][1] == "pg_isready"
        waited = {name: service.get("depends_on", {}) for name, service in compose["services"].items()}
        assert waited["setup"] == {"postgres": {"condition": "service_healthy"}}
        assert waited["server"] == {"setup": {"condition": "service_completed_successfully"}}

    def test_commands_and_their_options_exist(self, compose: dict[str, Any]) -> None:
        for name in OURS:
            command, *options = compose["services"][name]["command"]
            shown = program_help(command)
            assert [option for option in options if option.partition("=")[0] not in shown] == []

    def test_the_page_names_every_variable(self, compose: dict[str, Any]) -> None:
        page = PAGES["compose"].read_text()
        variables = set(re.findall(r"\$\{(\w+)", COMPOSE.read_text()))
        variables |= {name for name, value in compose["services"]["server"]["environment"].items() if value is None}
        assert [name for name in sorted(variables) if f"`{name}`" not in page] == []


class TestSystemd:
    def test_systemd_accepts_it_and_calls_it_confined(self, tmp_path: Path) -> None:
        if not shutil.which("systemd-analyze"):
            pytest.skip("needs systemd-analyze")
        file = tmp_path / UNIT.name  # its program is not installed here
        file.write_text(UNIT.read_text().replace("ExecStart=/opt/optral/bin/optral ", f"ExecStart={sys.executable} "))
        checked = subprocess.run(["systemd-analyze", "verify", "--man=no", str(file)], capture_output=True, text=True, check=False)
        assert (checked.returncode, checked.stderr) == (0, "")
        command = ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=15", str(file)]  # in tenths of 10
        rated = subprocess.run(command, capture_output=True, text=True, check=False)
        assert rated.returncode == 0, rated.stdout[-200:]

    def test_it_runs_the_server_with_settings_that_exist(self, unit: dict[str, list[str]]) -> None:
        program, command = shlex.split(unit["ExecStart"][0])
        assert (program, command) == ("/opt/optral/bin/optral", "server")
        assert "Run the server" in program_help(command)
        named = {value.partition("=")[0] for value in unit["Environment"]} | set(
            re.findall(r"OPTRAL_[A-Z_]+", PAGES["systemd"].read_text())
        )
        assert named <= SETTINGS
        assert unit["Environment"] == [f"OPTRAL_DATA_DIR=/var/lib/{unit['StateDirectory'][0]}"]

    @pytest.mark.slow  # starts a server
    def test_the_server_works_without_memory_that_is_writable_and_executable(self, unit: dict[str, list[str]], tmp_path: Path) -> None:
        assert unit["MemoryDenyWriteExecute"] == ["yes"]
        code = (
            "import ctypes, sys\n"
            f"if ctypes.CDLL(None).prctl({PR_SET_MDWE}, {MDWE_REFUSE_EXEC_GAIN}, 0, 0, 0): sys.exit({CANNOT_FORBID})\n"
            "import optral.server.app, optral.gateway.server, uvloop, psycopg, argon2\n"
            "from optral.cli.main import run; sys.argv[1:] = ['setup', '--org', 'Shop', '--email', 'owner@shop.test']; run()"
        )
        environment = {**os.environ, "OPTRAL_DATA_DIR": str(tmp_path / "data")}
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
        if done.returncode == CANNOT_FORBID:
            pytest.skip("needs Linux 6.3 or newer")
        assert (done.returncode, "mht_" in done.stdout) == (0, True), done.stderr
