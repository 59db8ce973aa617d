import pytest

from optral.kube.objects import KubeObject
from tests.detectors.build import config, container, make
from tests.detectors.risk.ask import where, workload

MASKED = "[redacted:env:0a1b]"


def having(*variables: tuple[str, str]) -> KubeObject:
    return workload(container(env=[{"name": name, "value": value} for name, value in variables]))


@pytest.mark.parametrize(
    ("kind", "shown", "names"),
    [
        ("DuplicateEnvKey", having(("MODE", "a"), ("MODE", "b"), ("X", "")), ["api: MODE"]),
        ("DuplicateEnvKey", having(("MODE", "a"), ("MODES", "b")), []),
        ("SecretInEnv", having(("DB_PASSWORD", MASKED), ("MODE", MASKED)), ["api: DB_PASSWORD"]),
        ("SecretInEnv", having(("DB_PASSWORD", ""), ("API_TOKEN", "$(OTHER)"), ("SSH_PRIVATE_KEY", "/run/key")), []),
        ("SecretInEnv", workload(container(env=[{"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "s", "key": "t"}}}])), []),
        ("SecretInConfigMap", make("ConfigMap", name="c", data={"password": MASKED, "mode": MASKED}), ["password"]),
        ("SecretInConfigMap", make("ConfigMap", name="c", data={"passwords.md": MASKED}), []),
    ],
)
def test_only_names_are_checked_never_values(kind: str, shown: KubeObject, names: list[str]) -> None:
    assert where(kind, shown) == names


ENV_FROM = {"envFrom": [{"configMapRef": {"name": "base"}}, {"configMapRef": {"name": "app"}}]}


@pytest.mark.parametrize(
    ("base", "app", "env", "names"),
    [
        ({"STORE_URL": "http://old:80"}, {}, "http://store:80", ["api: STORE_URL (env counts, not ConfigMap base, key STORE_URL)"]),
        (
            {"STORE_URL": "http://old:80"},
            {"STORE_URL": "http://store:80"},
            None,
            ["api: STORE_URL (ConfigMap app, key STORE_URL counts, not ConfigMap base, key STORE_URL)"],
        ),
        ({"STORE_URL": "http://store:80"}, {"STORE_URL": "http://store:80"}, "http://store:80", []),
        ({"STORE_URL": "http://old:80"}, {}, MASKED, []),
        ({"LOG_LEVEL": "debug"}, {"LOG_LEVEL": "info"}, None, []),
    ],
    ids=["env over a ConfigMap", "the last ConfigMap", "equal", "not known", "no address"],
)
def test_an_address_that_hides_another_one(base: dict[str, str], app: dict[str, str], env: str | None, names: list[str]) -> None:
    variables = [] if env is None else [{"name": "STORE_URL", "value": env}]
    assert where("DuplicateEnvKey", workload(container(env=variables, **ENV_FROM)), config(base, "base"), config(app)) == names
