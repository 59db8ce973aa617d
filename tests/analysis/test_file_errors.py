"""From an error about a file to the key of the ConfigMap or Secret that it comes from, and from the exit of a server to its reason."""

from typing import Any

import pytest

from optral.analysis.reading import logs
from tests.analysis.cases.base import crash
from tests.analysis.cluster import Json, container, obj

PYTHON = """\
Traceback (most recent call last):
  File "/app/billing/main.py", line 14, in <module>
    rates = yaml.safe_load(open("/etc/billing/rates.yaml"))
  File "/usr/lib/python3.11/site-packages/yaml/__init__.py", line 125, in safe_load
    return load(stream, SafeLoader)
yaml.scanner.ScannerError: mapping values are not allowed here
  in "/etc/billing/rates.yaml", line 9, column 14"""
NGINX = 'nginx: [emerg] unknown directive "proxy_pas" in /etc/nginx/conf.d/shop.conf:9'
HAPROXY = """\
[ALERT]    (1) : config : parsing [/usr/local/etc/haproxy/haproxy.cfg:23] : unknown keyword 'balanc' in 'backend' section
[ALERT]    (1) : config : Error(s) found in configuration file : /usr/local/etc/haproxy/haproxy.cfg
[ALERT]    (1) : config : Fatal errors found in configuration."""
POSTGRES = """\
2026-03-01 11:58:00.001 UTC [1] LOG:  syntax error in file "/etc/postgresql/postgresql.conf" line 12, near token "="
2026-03-01 11:58:00.002 UTC [1] FATAL:  configuration file "/etc/postgresql/postgresql.conf" contains errors"""
USERS = 'level=fatal msg="cannot parse /etc/creds/users.yaml: yaml: line 3: mapping values are not allowed in this context"'


def config_map(name: str, *keys: str) -> Json:
    return obj("v1", "ConfigMap", name, data=dict.fromkeys(keys, "[redacted:configmap-90:0a1b2c3d]"))


def volume(*sources: Json, path: str, sub_path: str = "") -> dict[str, Any]:
    """A container with one volume, of one source or projected from several."""
    source = sources[0] if len(sources) == 1 else {"projected": {"sources": list(sources)}}
    mount = {"name": "files", "mountPath": path} | ({"subPath": sub_path} if sub_path else {})
    return {"spec": container(volumeMounts=[mount]), "volumes": [{"name": "files", **source}]}


def of_config(name: str, **items: str) -> Json:
    return {"configMap": {"name": name} | ({"items": [{"key": key, "path": path} for path, key in items.items()]} if items else {})}


TOKEN: Json = {"serviceAccountToken": {"path": "token"}}
PLAIN = volume(of_config("billing"), path="/etc/billing")
RATES = config_map("billing", "rates.yaml")


@pytest.mark.parametrize(
    ("log", "pod", "config", "place"),
    [
        pytest.param(PYTHON, PLAIN, RATES, "line 9 of key rates.yaml of ConfigMap billing", id="not the line of the program"),
        pytest.param(
            PYTHON.replace("/etc/billing/rates", "/etc/billing/..data/rates"),
            PLAIN,
            RATES,
            "line 9 of key rates.yaml of ConfigMap billing",
            id="by the link of the kubelet",
        ),
        pytest.param(
            NGINX,
            volume(of_config("edge"), TOKEN, path="/etc/nginx/conf.d"),
            config_map("edge", "shop.conf"),
            "line 9 of key shop.conf of ConfigMap edge",
            id="projected",
        ),
        pytest.param(
            NGINX,
            volume(of_config("other"), of_config("edge"), path="/etc/nginx/conf.d"),
            config_map("edge", "shop.conf"),
            "line 9 of key shop.conf of ConfigMap edge",
            id="projected from two, by the key",
        ),
        pytest.param(
            HAPROXY,
            volume(of_config("lb", **{"haproxy.cfg": "main"}), path="/usr/local/etc/haproxy"),
            config_map("lb", "main"),
            "line 23 of key main of ConfigMap lb",
            id="an item of another name",
        ),
        pytest.param(
            POSTGRES,
            volume(of_config("db"), path="/etc/postgresql/postgresql.conf", sub_path="postgresql.conf"),
            config_map("db", "postgresql.conf"),
            "line 12 of key postgresql.conf of ConfigMap db",
            id="subPath, and the reason before the exit",
        ),
        pytest.param(
            USERS,
            volume({"secret": {"secretName": "users"}}, path="/etc/creds"),
            config_map("users"),
            "line 3 of key users.yaml of Secret users",
            id="a Secret",
        ),
    ],
)
def test_an_error_in_a_file_names_the_key_and_the_line(log: str, pod: dict[str, Any], config: Json, place: str) -> None:
    _, found = crash(1, log, extra=(config,), **pod)
    assert found.cause_id == "invalid_config"
    assert f"Correct {place}, then restart" in {one["title"] for one in found.body["recommendedActions"]}
    assert found.body["warnings"] == []


@pytest.mark.parametrize(
    ("log", "pod", "config"),
    [
        pytest.param(NGINX, volume(of_config("edge"), path="/etc/nginx/certs"), config_map("edge", "shop.conf"), id="mounted elsewhere"),
        pytest.param(
            NGINX, volume({"emptyDir": {}}, path="/etc/nginx/conf.d"), config_map("edge", "shop.conf"), id="written by the program"
        ),
        pytest.param(NGINX, volume(of_config("edge"), path="/etc/nginx"), config_map("edge", "nginx.conf"), id="no key of the ConfigMap"),
        pytest.param(
            PYTHON.rpartition("\n")[0],
            volume(of_config("code"), path="/app/billing"),
            config_map("code", "main.py"),
            id="the program's own file",
        ),
    ],
)
def test_a_file_of_the_program_is_of_no_key(log: str, pod: dict[str, Any], config: Json) -> None:
    _, found = crash(1, log, extra=(config,), **pod)
    assert not [one["title"] for one in found.body["recommendedActions"] if "ConfigMap" in one["title"]]


@pytest.mark.parametrize(
    ("keys", "level"), [(("limit.yaml",), 0.97), (("ratios.json",), 0.8)], ids=["a key of nearly this name", "another key"]
)
def test_a_missing_file_is_a_missing_key_of_its_config_map(keys: tuple[str, ...], level: float) -> None:
    log = "2026/03/01 11:58:00 failed to load config: open /etc/billing/limits.yaml: no such file or directory"
    _, found = crash(1, log, extra=(config_map("billing", *keys),), **PLAIN)
    assert found.cause_id == "missing_key" and level <= found.confidence < 0.985


def test_a_missing_file_that_is_no_key_is_not_one() -> None:
    log = "2026/03/01 11:58:00 open /var/lib/billing/state.json: no such file or directory"
    assert crash(1, log, extra=(RATES,), **PLAIN)[1].cause_id == "missing_env_or_config"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (POSTGRES, "syntax error in file"),
        (
            '[1] LOG:  invalid value for parameter "max_connections": "lots"\n[1] FATAL:  configuration file "/x.conf" contains errors',
            "lots",
        ),
        (
            "[ERROR] [MY-000067] unknown variable 'max_conections=500'.\n[ERROR] [MY-010119] Aborting\n[System] Shutdown complete",
            "conections",
        ),
        (
            "[error] vm_memory_high_watermark cannot be parsed\n[error] BOOT FAILED\n[error] ====\n[error] Exiting: failed_to_start",
            "watermark",
        ),
        ("ERROR disk /data is full\nERROR Exiting Kafka due to fatal exception (kafka.Kafka$)\nINFO shutting down", "disk"),
        (HAPROXY, "balanc"),
        ("npm ERR! Missing script: start\nnpm ERR! A complete log of this run can be found in: /x", "Missing script"),
        ("panic: aborting on purpose because of X\nbye", "because of X"),
        ("ERROR Exiting Kafka due to fatal exception", "Exiting"),
    ],
)
def test_the_reason_of_a_server_stands_before_its_exit(text: str, reason: str) -> None:
    assert reason in (logs.last_error(text) or "")
