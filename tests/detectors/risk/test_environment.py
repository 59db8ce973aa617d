import pytest

from optral.kube.objects import KubeObject
from tests.detectors.build import container, make
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
