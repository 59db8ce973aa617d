"""Which addresses of a ConfigMap leave the cluster, and that nothing else of its values does."""

import json

import pytest
from hypothesis import given, strategies as st

from optral.kube import config_files
from optral.kube.kinds import BY_ID
from optral.kube.redact import Redactor, scan
from tests.support.examples import examples

CONFIG_MAP = BY_ID["ConfigMap"]


def found(key: str, value: str) -> list[tuple[int, str, str]]:
    return [(one["line"], one["name"], one["text"]) for one in config_files.of_config({key: value})]


@pytest.mark.parametrize(
    ("key", "value", "addresses"),
    [
        ("STORE_HOST", "store", [(0, "STORE_HOST", "store")]),
        ("port", "6379", [(0, "port", "6379")]),
        ("A_URL", "http://a/hook/lettersonlytoken,http://b:80/x", [(0, "A_URL", "http://a,http://b:80")]),
        ("DATABASE_URL", "postgres://app:hunter2@db:5432/shop", [(0, "DATABASE_URL", "postgres://db:5432")]),
        ("app.yaml", "a:\n  b:\n  - name: x\n    host: xh\n  - host: yh\n    port: 22\n",
         [(4, "a.b.0.host", "xh"), (5, "a.b.1.host", "yh"), (6, "a.b.1.port", "22")]),
        ("app.yaml", "brokers:\n- kafka-0:9092\n- kafka-1:9092\n", [(2, "brokers", "kafka-0:9092"), (3, "brokers", "kafka-1:9092")]),
        ("app.yaml", "kafka:\n  bootstrapServers: ['k0:9092', \"k1:9092\"] # two\n", [(2, "kafka.bootstrapServers", "k0:9092,k1:9092")]),
        ("app.json", '{"db": {"host": "store",\n "port": 5432}}', [(1, "db.host", "store"), (2, "db.port", "5432")]),
        ("app.toml", '[database]\nhost = "tdb"\n[[cache.nodes]]\nurl = "redis://c:6379"\n',
         [(2, "database.host", "tdb"), (4, "cache.nodes.url", "redis://c:6379")]),
        ("application.properties", "spring.datasource.url=jdbc:mysql://db:3306/x?password=hunter2\nserver.port=80\n",
         [(1, "spring.datasource.url", "jdbc:mysql://db:3306")]),
        ("app.env", "export STORE_URL=http://store:80\nTOKEN=hunter2\n", [(1, "STORE_URL", "http://store:80")]),
        ("nginx.conf", "http {\n  server {\n    proxy_pass http://store:80/v1;\n  }\n}\n", [(3, "http.server.proxy_pass", "http://store:80")]),
        ("out.conf", "[OUTPUT]\n    Host search\n    Port 9200\n", [(2, "OUTPUT.Host", "search"), (3, "OUTPUT.Port", "9200")]),
        ("site.xml", "<a>\n<url>http://store:80</url>\n</a>", [(2, "url", "http://store:80")]),
        ("config", "store_url: http://store:80\nx: 1\n", [(1, "store_url", "http://store:80")]),
    ],
)  # fmt: skip
def test_finds_the_addresses_of_a_value(key: str, value: str, addresses: list[tuple[int, str, str]]) -> None:
    assert found(key, value) == addresses


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("LOG_LEVEL", "debug"),
        ("STORE_TOKEN", "http://store:80"),
        ("STORE_URL", "https://hooks.example/T0123456789abcdefgh"),
        ("README.md", "url: http://store:80\n"),
        ("app.yaml.example", "url: http://store:80\n"),
        ("app.yaml", "# url: http://store:80\n; url: http://store:80\n// url: http://store:80\n"),
        ("app.yaml", "notes: |\n  url: http://store:80\n"),
        ("app.yaml", "url: http://{{ .host }}:80\nother_url: http://${HOST}:80\n"),
        ("app.yaml", "server:\n  host: store\n  port: 80\nlisten_address: store:80\n"),
        ("app.yaml", "allowed_origins: http://store:80\nno_proxy: store:80\ncookie:\n  domain: store.shop\n"),
        ("app.yaml", "image: store:80\nversion: a.b\ntime: 12:30\n"),
        ("app.yaml", "some words about: store:80\n"),
        ("deploy.yaml", "apiVersion: apps/v1\nkind: Deployment\nurl: http://store:80\n"),
        ("nginx.conf", "upstream store {\n}\nproxy_pass http://store;\nserver_name store.shop;\nresolver dns.kube;\n"),
        ("app.yaml", "password_url: http://store:80\n"),
    ],
)
def test_anything_else_is_no_address(key: str, value: str) -> None:
    assert found(key, value) == []


@pytest.mark.parametrize(
    ("key", "text", "limits"),
    [
        ("my.cnf", "[mysqld]\nmax_connections = 50\nsuper_read_only = ON\n", [(2, "max_connections", "50"), (3, "super_read_only", "ON")]),
        (
            "redis.conf",
            "maxmemory 64mb\nmaxclients 10\nreplica-read-only yes\n",
            [(1, "maxmemory", "64mb"), (2, "maxclients", "10"), (3, "replica-read-only", "yes")],
        ),
        (
            "postgresql.conf",
            "max_connections = 20   # for tests\ndefault_transaction_read_only = on\n",
            [(1, "max_connections", "20"), (2, "default_transaction_read_only", "on")],
        ),
        ("db.yaml", "server:\n  maxConnections: 5\n  password: max_connections\n", [(2, "maxConnections", "5")]),
        ("db.json", '{"net": {\n"maxIncomingConnections": 9}}', [(2, "maxIncomingConnections", "9")]),
        ("MAX_CONNECTIONS", "30", [(0, "MAX_CONNECTIONS", "30")]),
        (
            "app.yaml",
            "# max_connections: 3\nmax_connections_url: http://a\nretries: 5\nread_only_password: 4711\ntokens:\n  max_sessions: 4711\n",
            [],
        ),
    ],
)
def test_notes_what_a_server_accepts(key: str, text: str, limits: list[tuple[int, str, str]]) -> None:
    noted = config_files.notes({key: text}).get("optralLimits", [])
    assert [(one["line"], one["name"], one["text"]) for one in noted] == limits


def test_a_note_of_a_route_holds_its_match_and_no_secret() -> None:
    config = {
        "gateway.conf": "location /api/loans/ { proxy_pass http://loans:8080; }\n"
        "location /hook/T0123456789abcdefgh/x { proxy_pass http://hooks/T0123456789abcdefgh; }\n"
        "location /odd { proxy_pass http://u0123456789abcdefgh:80; }\n"
        "location /rooms2 { proxy_pass http://rooms2-booking-service:80; }\n"
        "location /pass { proxy_pass http://${DB_PASSWORD:-tulip.lantern}; }\n"
    }
    assert config_files.notes({"gateway.conf": "server {\n" + config["gateway.conf"] + "}"})["optralRoutes"] == [
        {"key": "gateway.conf", "line": 2, "path": "/api/loans", "target": "loans", "port": 8080},
        {"key": "gateway.conf", "line": 3, "path": "/hook", "target": "hooks", "rewrite": "rewrite", "isPartial": True},
        {"key": "gateway.conf", "line": 4, "path": "/odd", "port": 80},
        {"key": "gateway.conf", "line": 5, "path": "/rooms2", "target": "rooms2-booking-service", "port": 80},
        {"key": "gateway.conf", "line": 6, "path": "/pass", "variable": "DB_PASSWORD"},
    ]
    sent = Redactor(b"0" * 16).redact(
        CONFIG_MAP, json.dumps({"kind": "ConfigMap", "data": {"a": "server {\n" + config["gateway.conf"] + "}"}}).encode()
    )
    assert b"T0123456789abcdefgh" not in sent and b"tulip" not in sent and b"proxy_pass" not in sent and b"/api/loans" in sent


def test_is_bounded() -> None:
    many = "".join(f"a{number}_url: http://store-{number}:80\n" for number in range(500))
    assert len(config_files.of_config({"app.yaml": many})) == config_files.MAX_FOUND
    assert config_files.of_config({"app.yaml": "a_url: http://store:80\n" + "x" * config_files.MAX_CHARS}) == []
    assert found("app.yaml", "a" * 2000 + "_url: http://store:80\n") == []
    assert found("app.json", '{"a":' * 100 + '{"url": "http://store:80"}' + "}" * 100) == []


_WORDS = st.sampled_from(
    ["host", "url: ", "http://", "a@b:80", "[x]", "- ", ": ", "=", "\n", "  ", '"', "{", "}", "|", "cnry9f3a", "<url>"]
)


@examples(150)
@given(parts=st.lists(_WORDS, max_size=30), key=st.sampled_from(["app.yaml", "app.json", "X_URL", "config"]))
def test_any_value_is_redacted_once_and_for_all(parts: list[str], key: str) -> None:
    redactor = Redactor(b"0" * 16)
    raw = json.dumps(
        {"metadata": {"name": "c", "uid": "u"}, "data": {key: "".join(parts), "DB_URL": "redis://:cnry9f3a@db:6379/x"}}
    ).encode()
    once = redactor.redact(CONFIG_MAP, raw)
    assert redactor.redact(CONFIG_MAP, once) == once
    assert not scan(once)
    assert {"key": "DB_URL", "line": 0, "name": "DB_URL", "text": "redis://db:6379"} in json.loads(once)["optralAddresses"]
