"""Nothing secret survives `Redactor.redact`, and what an operator needs does."""

import base64
import json
import re
import string
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, strategies as st

from optral.kube.kinds import BY_ID, Kind
from optral.kube.redact import Redactor, Unredactable, metadata_only, scan, scrub
from tests.support.examples import examples

SALT = b"0123456789abcdef0123456789abcdef"
POD, DEPLOYMENT, CONFIG_MAP = BY_ID["Pod"], BY_ID["Deployment.apps"], BY_ID["ConfigMap"]
WIDGET = Kind("example.com", "v1", "Widget", "widgets", True)
SECRET = Kind("", "v1", "Secret", "secrets", True)


class Canaries:
    """Draws distinct secrets and remembers them."""

    def __init__(self) -> None:
        self.drawn: list[str] = []

    def __call__(self) -> str:
        self.drawn.append(f"cnry-{len(self.drawn):04d}-3f9c1d7e5b2a4c68")
        return self.drawn[-1]

    def b64(self) -> str:
        return base64.b64encode(self().encode()).decode()

    def survivors(self, raw: bytes) -> list[str]:
        text = raw.decode()
        return [c for c in self.drawn if c in text or base64.b64encode(c.encode()).decode().rstrip("=")[:-2] in text]


def _container(draw: Canaries, name: str) -> dict[str, Any]:
    headers = [{"name": "Authorization", "value": draw()}, {"name": "X-Api-Key", "value": draw()}]
    return {
        "name": name,
        "image": "registry.example/shop/api:1.2.3",
        "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
        "resources": {"limits": {"memory": "128Mi", "cpu": "500m"}, "requests": {"memory": "64Mi"}},
        "env": [
            {"name": "PASSWORD", "value": draw()},
            {"name": "INNOCENT", "value": draw()},
            {"name": "DATABASE_URL", "value": f"postgres://app:{draw()}@db:5432/shop"},
            {"name": "WEBHOOK_URL", "value": f"https://hooks.example/{draw()}"},
            {"name": "CALLBACK_URL", "value": f"https://hooks.example/{draw()}"},
            {"name": "QUERY_URL", "value": f"https://api.example/x?key={draw()}"},
            {"name": "JAVA_OPTS", "value": f"-Xmx512m -Ddb.password={draw()}"},
            {"name": "ENCODED", "value": draw.b64()},
            {"name": "PORT", "value": "8080"},
            {"name": "REDIS_ADDR", "value": "redis:6379"},
            {"name": "UPSTREAM_URL", "value": "http://cart.shop.svc.cluster.local:8080/api"},
            {"name": "FROM_SECRET", "valueFrom": {"secretKeyRef": {"name": "db-credentials", "key": "password"}}},
        ],
        "envFrom": [{"secretRef": {"name": "all-secrets"}}],
        "command": ["sh", "-c", f"export TOKEN={draw()}; curl -H 'Authorization: Bearer {draw()}' -u x; run --password {draw()}"],
        "args": [
            f"--db-password={draw()}",
            "--api-token",
            draw(),
            f"--dsn=mysql://root:{draw()}@db/x",
            f"AWS_SECRET_ACCESS_KEY={draw()}",
            f"--header=X-Auth-Token: {draw()}",
            "--tls-key-file=/etc/tls/tls.key",
            "--listen=:8080",
            "--password=$(DB_PASSWORD)",
        ],
        "livenessProbe": {"httpGet": {"path": "/healthz", "port": 8080, "httpHeaders": headers}, "periodSeconds": 10},
        "readinessProbe": {"exec": {"command": ["redis-cli", "--pass", draw(), "ping"]}},
        "lifecycle": {"preStop": {"exec": {"command": ["sh", "-c", f"curl https://u:{draw()}@host/stop"]}}},
        "volumeMounts": [{"name": "secrets", "mountPath": "/etc/secrets"}],
    }


def _metadata(draw: Canaries, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "namespace": "shop",
        "uid": "6e2f1c9a-0000-4000-8000-000000000001",
        "resourceVersion": "4711",
        "labels": {"app": "api", "secret-token": draw()},
        "annotations": {
            "kubectl.kubernetes.io/last-applied-configuration": json.dumps({"spec": draw()}),
            "example.com/api-key": draw(),
            "example.com/token": draw.b64(),
            "example.com/long": "x" * 1100 + draw(),
            "example.com/json": json.dumps(
                {"env": [{"name": "ANY", "value": draw()}], "password": draw(), "kind": "Secret", "data": {"a": draw()}}
            ),
            "example.com/note": f"password: {draw()}",
            "example.com/b64": base64.b64encode(f"password={draw()}".encode()).decode(),
            "deployment.kubernetes.io/revision": "7",
        },
        "managedFields": [
            {
                "manager": "kubectl",
                "operation": "Apply",
                "time": "2024-01-15T10:30:00Z",
                "fieldsType": "FieldsV1",
                "fieldsV1": {f"f:{draw()}": {}},
            }
        ],
        "ownerReferences": [{"kind": "ReplicaSet", "name": "api-7d4f8b9c6", "uid": "u-2", "apiVersion": "apps/v1", "controller": True}],
    }


def _pod_spec(draw: Canaries) -> dict[str, Any]:
    return {
        "nodeName": "node-1",
        "containers": [_container(draw, "api"), _container(draw, "sidecar")],
        "initContainers": [_container(draw, "migrate")],
        "imagePullSecrets": [{"name": "regcred"}],
        "volumes": [
            {"name": "secrets", "secret": {"secretName": "api-tls"}},
            {"name": "csi", "csi": {"driver": "x.csi", "volumeAttributes": {"password": draw(), "connectionString": draw(), "share": "a"}}},
        ],
    }


def _cases(draw: Canaries) -> Iterator[tuple[Kind, dict[str, Any]]]:
    pem = f"-----BEGIN EC PRIVATE KEY-----\n{draw()}\n-----END EC PRIVATE KEY-----"
    status = {
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": "False", "message": f"login failed: password={draw()}"}],
        "containerStatuses": [
            {
                "name": "api",
                "restartCount": 3,
                "lastState": {
                    "terminated": {
                        "reason": "OOMKilled",
                        "exitCode": 137,
                        "message": f"token: {draw()}\nAuthorization: Basic {draw.b64()}\n{pem}",
                    }
                },
            }
        ],
    }
    yield POD, {"metadata": _metadata(draw, "api-1"), "spec": _pod_spec(draw), "status": status}
    yield POD, {"metadata": _metadata(draw, "api-2"), "spec": _pod_spec(draw) | {"newField": {"secretText": draw()}}}
    template = {"metadata": _metadata(draw, ""), "spec": _pod_spec(draw)}
    yield DEPLOYMENT, {"metadata": _metadata(draw, "api"), "spec": {"replicas": 3, "template": template}, "status": {"replicas": 3}}
    yield (
        CONFIG_MAP,
        {
            "metadata": _metadata(draw, "settings"),
            "data": {"app.yaml": f"x: {draw()}", "plain": draw()},
            "binaryData": {"blob": draw.b64()},
        },
    )
    yield SECRET, {"metadata": _metadata(draw, "s"), "data": {"password": draw.b64()}, "stringData": {"a": draw()}}
    yield (
        BY_ID["Event"],
        {
            "metadata": {"name": "e", "namespace": "shop", "uid": "e-1", "resourceVersion": "9"},
            "reason": "Failed",
            "message": f"Error: dial https://user:{draw()}@registry.example: Bearer {draw()}; --token={draw()} "
            f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.{draw()}",
            "note": f"client_secret={draw()}&x=1",
        },
    )
    yield (
        WIDGET,
        {
            "metadata": _metadata(draw, "w"),
            "spec": {
                "credentials": {"user": draw(), "key": draw(), "secretRef": {"name": "kept-ref", "key": "kept-key"}},
                "passwords": [draw(), draw()],
                "apiKey": draw(),
                "connectionString": draw(),
                "dsn": draw(),
                "cookie": draw(),
                "nested": {"deep": [{"auth": {"bearer": draw()}}, {"privateKey": draw()}]},
                "env": {"FOO": draw(), "PORT": "80"},
                "extraEnv": [{"name": "BAR", "value": draw()}],
                "settings": [{"name": "dbPassword", "value": draw()}],
                "text": f"helm upgrade --set db.password={draw()} --set x=y",
                "url": f"amqp://u:{draw()}@mq:5672/v",
                "embedded": {"kind": "Secret", "stringData": {"x": draw()}, "data": {"y": draw.b64()}},
                "pem": f"-----BEGIN PRIVATE KEY-----\n{draw()}\n-----END PRIVATE KEY-----",
                "replicas": 3,
                "image": "registry.example/widget:2",
            },
            "status": {"message": f"could not log in: api_key={draw()}", "lastError": f"Cookie: session={draw()}"},
        },
    )


def _redact(kind: Kind, tree: dict[str, Any]) -> bytes:
    return Redactor(SALT).redact(kind, json.dumps(tree).encode())


def test_no_canary_survives_anywhere() -> None:
    draw = Canaries()
    survivors = {}
    for kind, tree in _cases(draw):
        if left := draw.survivors(_redact(kind, tree)):
            survivors[kind.name] = left
    assert len(set(draw.drawn)) >= 200
    assert survivors == {}


def test_a_second_pass_changes_nothing() -> None:
    for kind, tree in _cases(Canaries()):
        once = _redact(kind, tree)
        assert json.loads(Redactor(b"another salt, 16 bytes").redact(kind, once)) == json.loads(once)
        assert not scan(once)


def test_what_an_operator_needs_survives() -> None:
    draw = Canaries()
    pod = json.loads(_redact(POD, next(_cases(draw))[1]))
    container = pod["spec"]["containers"][0]
    assert (pod["apiVersion"], pod["kind"]) == ("v1", "Pod")
    assert container["image"] == "registry.example/shop/api:1.2.3"
    assert container["ports"] == [{"name": "http", "containerPort": 8080, "protocol": "TCP"}]
    assert container["resources"]["limits"] == {"memory": "128Mi", "cpu": "500m"}
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert container["livenessProbe"]["periodSeconds"] == 10
    assert container["envFrom"] == [{"secretRef": {"name": "all-secrets"}}]
    env = {item["name"]: item for item in container["env"]}
    assert env["PORT"]["value"] == "8080"
    assert env["REDIS_ADDR"]["value"] == "redis:6379"
    assert env["UPSTREAM_URL"]["value"] == "http://cart.shop.svc.cluster.local:8080/api"
    assert env["FROM_SECRET"]["valueFrom"] == {"secretKeyRef": {"name": "db-credentials", "key": "password"}}
    assert env["JAVA_OPTS"]["value"].startswith("-Xmx512m -Ddb.password=[redacted:")
    assert "--tls-key-file=/etc/tls/tls.key" in container["args"]
    assert "--listen=:8080" in container["args"]
    assert "--password=$(DB_PASSWORD)" in container["args"]
    assert pod["spec"]["imagePullSecrets"] == [{"name": "regcred"}]
    assert pod["spec"]["volumes"][0] == {"name": "secrets", "secret": {"secretName": "api-tls"}}
    assert pod["metadata"]["ownerReferences"][0]["name"] == "api-7d4f8b9c6"
    assert pod["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "7"
    assert pod["metadata"]["managedFields"] == [{"manager": "kubectl", "operation": "Apply", "time": "2024-01-15T10:30:00Z"}]
    terminated = pod["status"]["containerStatuses"][0]["lastState"]["terminated"]
    assert (terminated["reason"], terminated["exitCode"]) == ("OOMKilled", 137)


def test_config_maps_keep_key_names_and_sizes() -> None:
    data = json.loads(_redact(CONFIG_MAP, {"metadata": {"name": "c", "uid": "u"}, "data": {"app.yaml": "12345"}}))["data"]
    assert data["app.yaml"].startswith("[redacted:configmap-5:")


@pytest.mark.parametrize(
    "message",
    [
        'secret "api-tls" not found',
        "couldn't find key password in Secret shop/db-credentials",
        'failed to fetch token: pod "api-1" not found',
        "Back-off restarting failed container api in pod api-7d4f8b9c6-xk2lm_shop(6e2f1c9a-0000-4000-8000-000000000001)",
        'Failed to pull image "registry.example/auth-service@sha256:' + "0f1e2d3c4b5a6978" * 4 + '": unauthorized: authentication required',
        "references to Secret shop/db-credentials and github-token that could not be read",
        'MountVolume.SetUp failed for volume "token" : references non-existent secret key: tls.crt',
        "0/3 nodes are available: 3 Insufficient memory.",
    ],
)
def test_messages_of_the_kubelet_stay_readable(message: str) -> None:
    event = {"metadata": {"name": "e", "uid": "u"}, "message": message}
    assert json.loads(_redact(BY_ID["Event"], event))["message"] == message


@pytest.mark.parametrize(
    "text",
    [
        "open /run/secrets/db-password: permission denied",
        "open /etc/passwd: too many open files",
        "mkdir /etc/passwd: not a directory",
        "open /etc/passwd: too many open files",
        "Access denied for user 'app'@'10.0.0.1' (using password: YES)",
        "read /run/secrets/password: is a directory",
        "open /etc/passwd: Read-only file system",
    ],
)
def test_what_is_said_of_a_file_is_no_password(text: str) -> None:
    assert Redactor(b"s" * 32).text(text) == text


def test_what_is_masked_is_not_masked_again() -> None:
    once = Redactor(b"s" * 32).text("login failed, password: permissive17")
    assert re.fullmatch(r"login failed, password: \[redacted:password:[0-9a-f]{8}\]", once)


@pytest.mark.parametrize("before", ["", "run ", "run\n", "\t", "\x1b[1m", "\x1b[31;1mERROR\x1b[0m exec: \x1b[1m", "`", "("])
@pytest.mark.parametrize("option", ["--db-password", "-password", "--token"])
def test_an_options_value_is_masked_wherever_the_option_begins(before: str, option: str) -> None:
    event = {"metadata": {"name": "e", "uid": "u"}, "message": f"{before}{option} hunter2abc9\x1b[0m failed"}
    raw = json.dumps(event).encode()
    assert scan(raw)
    assert b"hunter2abc9" not in _redact(BY_ID["Event"], event)


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("API_URL", "http://api:8080", True),
        ("DB", "10.0.0.7:5432", True),
        ("DB", "10.0.0.7", True),
        ("KAFKA_BROKERS", "kafka-0.kafka:9092,kafka-1.kafka:9092", True),
        ("STORE_HOST", "store", True),
        ("PGHOST", "pg", True),
        ("PGPORT", "5433", True),
        ("GHOST", "blog", False),
        ("STORE_HOST", "store.shop", True),
        ("STORE_PORT", "5432", True),
        ("HOST_KEY", "store", False),
        ("STORE_HOST", "Store Of Secrets", False),
        ("STORE_HOST", "a1b2c3d4e5f6a7b8c9", False),
        ("STORE_TOKEN_HOST", "store", False),
        ("PASS_PORT", "5432", False),
        ("STORE_PORT", "543210", False),
        ("PIN", "5432", False),
        ("PIN", "123456", False),
        ("LOGIN", "admin:12345", False),
        ("DB_PASSWORD", "10.0.0.7", False),
        ("URL", "https://user:pw@host", False),
        ("URL", "https://host/T0123456789abcdefgh", False),
        ("DATABASE_DSN", "host.example:80", False),
        ("SEARCH_HOSTS", '["http://search-0:9200", "http://search-1:9200"]', True),
        ("BROKERS", "kafka-0:9092 kafka-1:9092;kafka-2:9092", True),
        ("BROKERS", "kafka-0:9092 hunter2", False),
        ("STORE_HOST", "correct horse battery", False),
        ("STORE_HOST", "store-0, store-1", True),
        ("SEARCH_HOSTS", '["http://search-0:9200", "hunter2"]', False),
        ("SEARCH_HOSTS", '["http://user:pw@search-0:9200"]', False),
    ],
)
def test_an_environment_value_stays_only_when_it_is_a_plain_address(name: str, value: str, kept: bool) -> None:
    spec = {"containers": [{"name": "c", "env": [{"name": name, "value": value}]}]}
    env = json.loads(_redact(POD, {"metadata": {"name": "p", "uid": "u"}, "spec": spec}))["spec"]["containers"][0]["env"][0]
    assert (env["value"] == value) is kept


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("production", True),
        ("prod-eu-1", True),
        ("QA2", True),
        ("hunter2hunter2hunter2", False),
        ("x7Kp9Qz2LmN4", False),
        ("s3cr3t", False),
    ],
)
def test_a_label_that_names_the_stage_can_be_matched(value: str, kept: bool) -> None:
    labels = {"env": value, "environment": value}
    made = {"kind": "Service", "metadata": {"name": "web", "labels": labels}, "spec": {"selector": {"env": value}}}
    seen = json.loads(_redact(BY_ID["Service"], made))
    assert [value in (seen["metadata"]["labels"][name]) for name in labels] == [kept, kept]
    assert (seen["spec"]["selector"]["env"] == value) is kept


def test_equal_values_have_equal_markers_and_other_clusters_other_markers() -> None:
    def marker(salt: bytes, value: str) -> str:
        raw = json.dumps({"metadata": {"name": "w", "uid": "u"}, "spec": {"password": value}}).encode()
        return str(json.loads(Redactor(salt).redact(WIDGET, raw))["spec"]["password"])

    assert marker(SALT, "a") == marker(SALT, "a")
    assert marker(SALT, "a") != marker(SALT, "b")
    assert marker(SALT, "a") != marker(SALT[::-1], "a")


def test_what_is_not_understood_leaves_as_metadata_only() -> None:
    raw = b'{"metadata":{"name":"p","uid":"u","resourceVersion":"1"},"spec":[1,2,"secret-canary"]}'
    assert b"canary" not in Redactor(SALT).redact(POD, raw)
    deep = b'{"metadata":{"name":"p","uid":"u"},"spec":' + b'{"a":' * 200 + b'"canary"' + b"}" * 201
    answer = Redactor(SALT).redact(WIDGET, deep)
    assert b"canary" not in answer
    assert json.loads(answer)["metadata"]["name"] == "p"
    with pytest.raises(Unredactable):
        Redactor(SALT).redact(POD, b"[1,2")
    with pytest.raises(Unredactable):
        metadata_only(b'{"spec":{}}')


_KEYS = st.sampled_from(["env", "args", "password", "data", "annotations", "metadata", "name", "value", "kind", "spec", "token", "x"])
_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.just("Secret")
)
_TREES = st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4), max_leaves=25)


@examples(150)
@given(spec=_TREES, secret=st.text(string.ascii_letters + string.digits, min_size=12, max_size=20))
def test_any_shape_is_redacted_or_reduced(spec: Any, secret: str) -> None:
    secret = f"zq{secret}9"
    tree = {"metadata": {"name": "n", "uid": "u"}, "spec": {"any": spec, "password": secret, "list": [{"apiToken": secret, "inner": spec}]}}
    for kind in (WIDGET, POD):
        raw = _redact(kind, tree)
        assert secret.encode() not in raw
        assert json.loads(Redactor(SALT).redact(kind, raw)) == json.loads(raw)


@examples(100)
@given(raw=st.binary(max_size=200))
def test_scrub_answers_anything_with_json_that_scans_clean(raw: bytes) -> None:
    answer = scrub(raw)
    json.loads(answer)
    assert not scan(answer)


def test_scrub_masks_what_scan_found() -> None:
    raw = json.dumps(
        {"metadata": {"name": "p", "uid": "u"}, "spec": {"note": "see https://bob:hunter2xyz@host/x", "image": "a/b:1"}}
    ).encode()
    assert scan(raw)
    assert b"hunter2xyz" not in scrub(raw)
    assert b"a/b:1" in scrub(raw)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("postgres://app:hunter2@db:5432/shop?sslmode=require", "postgres://db:5432"),
        ("postgresql://db.shop.svc/shop?password=hunter2", "postgresql://db.shop.svc"),
        ("jdbc:mysql://orders-db:3306/orders?user=app&password=hunter2", "jdbc:mysql://orders-db:3306"),
        (
            "mongodb://root:hunter2@mongo-0.mongo:27017,mongo-1.mongo:27017/?replicaSet=rs0",
            "mongodb://mongo-0.mongo:27017,mongo-1.mongo:27017",
        ),
        ("redis://:hunter2@cache:6379/0", "redis://cache:6379"),
        ("postgres://$(USER):hunter2@$(DB_HOST):5432/shop", "postgres://$(DB_HOST):5432"),
        ("host=db port=5432 user=app password=hunter2 dbname=shop", "host=db port=5432"),
        ("Server=sql,1433;Database=shop;User Id=app;Password=hunter2", "host=sql port=1433"),
        ("app:hunter2@tcp(db:3306)/shop?parseTime=true", "tcp(db:3306)"),
        ("jdbc:oracle:thin:app/hunter2@db:1521:shop", "host=db port=1521"),
    ],
)
def test_the_url_of_a_store_tells_where_it_is_and_nothing_else(value: str, kept: str) -> None:
    first = _env(value)
    assert re.fullmatch(re.escape(kept) + r" \[redacted:env:[0-9a-f]{8}\]", first)
    assert _env(first) == first
    assert _env(value.replace("hunter2", "hunter3")) != first


@pytest.mark.parametrize(
    "value",
    [
        "postgres://app:hun/ter2@db:5432/shop",
        "postgres://app:12/hunter2@db/shop",
        "mysql://db/shop?note=a@hunter2",
        "postgres://hunter2hunter2hunter2/shop",
        "postgres://app:hunter2@",
        "https://app:hunter2@db/shop",
        "hunter2 [redacted:env:00000000]",
        "postgres://app:hunter2@db [redacted:env:00000000]",
        "host=hunter2hunter2hunter2 user=app",
        "app:x@tcp(hunter2hunter2hunter2:1)/shop",
    ],
)
def test_what_may_be_more_than_a_place_is_masked_whole(value: str) -> None:
    assert re.fullmatch(r"\[redacted:env:[0-9a-f]{8}\]", _env(value))


def test_a_connection_string_tells_its_server_whatever_its_variable_is_called() -> None:
    assert _env("postgres://app:hunter2@db:5432/shop", name="STORE_DSN").startswith("postgres://db:5432 [redacted:env:")
    assert _env("postgres://app:hunter2@db:5432/shop", name="STORE_TOKEN").startswith("[redacted:env:")
    spec = {"containers": [{"name": "c", "args": ["--dsn=app:hunter2@tcp(db:3306)/shop", "--db-dsn", "postgres://a:hunter2@db/x"]}]}
    raw = _redact(POD, {"metadata": {"name": "p", "uid": "u"}, "spec": spec})
    args = json.loads(raw)["spec"]["containers"][0]["args"]
    assert [word.partition(" ")[0] for word in args] == ["--dsn=tcp(db:3306)", "--db-dsn", "postgres://db"]
    assert b"hunter2" not in raw
    assert Redactor(SALT).redact(POD, raw) == raw


def test_references_to_other_variables_stay_in_an_address() -> None:
    for value in ("http://$(STORE_HOST):8080/api", "store.$(NS).svc:$(STORE_PORT)"):
        assert _env(value, name="STORE_URL") == value
    assert "hunter2" not in _env("hunter2-$(A)", name="STORE_URL")


def _env(value: str, *, name: str = "DATABASE_URL") -> str:
    raw = msgspec.json.encode({"metadata": {"name": "a"}, "spec": {"containers": [{"name": "a", "env": [{"name": name, "value": value}]}]}})
    redacted = msgspec.json.decode(Redactor(b"0" * 16).redact(POD, raw))
    found: str = redacted["spec"]["containers"][0]["env"][0]["value"]
    return found
