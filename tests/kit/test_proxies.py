"""The environment's proxies, in either case."""

import pytest

from optral.kit.proxies import proxy_for


@pytest.mark.parametrize(
    ("environment", "host", "proxy"),
    [
        pytest.param({}, "h.example", None, id="none"),
        pytest.param({"HTTPS_PROXY": "http://p:3128"}, "h.example", "http://p:3128", id="upper case"),
        pytest.param({"https_proxy": "p:3128"}, "h.example", "http://p:3128", id="lower case, no scheme"),
        pytest.param({"HTTPS_PROXY": "http://p:1", "NO_PROXY": ".example"}, "h.example", None, id="a domain without proxy"),
        pytest.param({"HTTPS_PROXY": "http://p:1", "no_proxy": "10.0.0.0/8"}, "10.1.2.3", None, id="a network without proxy"),
        pytest.param({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "10.0.0.0/8"}, "192.168.0.1", "http://p:1", id="another network"),
        pytest.param({"HTTP_PROXY": "http://p:1"}, "h.example", None, id="the proxy of another scheme"),
    ],
)
def test_finds_the_proxy(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], host: str, proxy: str | None) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(host) == proxy
