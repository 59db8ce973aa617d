"""Finding the API server, and one line when it cannot be found."""

import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from optral.kubeapi import credentials
from optral.kubeapi.client import ApiError, ApiUnreachable, KubeClient
from optral.terms.errors import Misconfigured
from tests.support import faultapi


def _write(path: Path, user: dict[str, Any], server: str = "http://127.0.0.1:1") -> Path:
    config = {
        "current-context": "c",
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": user}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}, {"name": "d", "context": {"cluster": "c"}}],
    }
    path.write_text(yaml.safe_dump(config))
    return path


async def test_a_token_file_is_read_again_for_each_request(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("first\n")
    access = credentials.load(_write(tmp_path / "config", {"tokenFile": "token"}))
    assert await access.headers() == {"Authorization": "Bearer first"}
    (tmp_path / "token").write_text("second")
    assert await access.headers() == {"Authorization": "Bearer second"}
    (tmp_path / "token").unlink()
    async with KubeClient(access) as client:
        with pytest.raises(ApiUnreachable):
            await client.version()


async def test_an_exec_plugin_gives_the_token(tmp_path: Path) -> None:
    status = "{'token': 'from-plugin'}"
    code = (
        f"import json; print(json.dumps({{'apiVersion': 'client.authentication.k8s.io/v1', 'kind': 'ExecCredential', 'status': {status}}}))"
    )
    plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": sys.executable, "args": ["-c", code]}
    access = credentials.load(_write(tmp_path / "config", {"exec": plugin}))
    assert await access.headers() == {"Authorization": "Bearer from-plugin"}


async def test_where_plugins_are_not_installed_one_line_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kubernetes_asyncio.client", None)
    access = credentials.load(_write(tmp_path / "config", {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "aws"}}))
    with pytest.raises(Misconfigured) as refused:
        await access.headers()
    assert refused.value.code == "no_auth_plugins"
    assert "token or a certificate" in refused.value.say


async def test_basic_and_fixed_tokens(tmp_path: Path) -> None:
    fixed = credentials.load(_write(tmp_path / "a", {"token": "t"}))
    assert await fixed.headers() == {"Authorization": "Bearer t"}
    basic = credentials.load(_write(tmp_path / "b", {"username": "u", "password": "p"}))
    assert await basic.headers() == {"Authorization": "Basic dTpw"}
    assert await credentials.load(tmp_path / "a", "d").headers() == {}


def test_contexts_are_named_and_the_first_file_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = _write(tmp_path / "a", {"token": "1"}, "http://first:1")
    second = _write(tmp_path / "b", {"token": "2"}, "http://second:1")
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path / 'missing'}:{first}:{second}")
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    assert credentials.contexts() == (["c", "d"], "c")
    assert credentials.load().server == "http://first:1"


@pytest.mark.parametrize(
    ("text", "context", "word"),
    [
        ("{", None, "cannot be read"),
        ("[]", None, "is not a kubeconfig"),
        ("{}", None, "no current context"),
        ("current-context: x", None, "no context 'x'"),
        ("contexts: [{name: y, context: {cluster: z}}]", "y", "no cluster 'z'"),
    ],
)
def test_a_bad_kubeconfig_is_one_line(tmp_path: Path, text: str, context: str | None, word: str) -> None:
    (tmp_path / "config").write_text(text)
    with pytest.raises(Misconfigured) as caught:
        credentials.load(tmp_path / "config", context)
    assert word in caught.value.say
    assert "\n" not in caught.value.say
    with pytest.raises(Misconfigured):
        credentials.load(tmp_path / "missing")


async def test_errors_are_typed() -> None:
    async with faultapi.serving() as api, KubeClient(api.access) as client:
        api.faults.extend(["403", "429"])
        with pytest.raises(ApiError) as refused:
            await client.get("/api/v1/pods")
        assert (refused.value.status, refused.value.reason, refused.value.is_expired) == (403, "Forbidden", False)
        with pytest.raises(ApiError) as busy:
            await client.get("/api/v1/pods")
        assert busy.value.retry_after_s == 0.01
    access = credentials.Access(server="http://127.0.0.1:1", name="nobody", tls=False)
    async with KubeClient(access) as client:
        with pytest.raises(ApiUnreachable):
            await client.version()
