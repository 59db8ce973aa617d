"""What counts as an address among the settings of a container: for one that is not certain, `?` is before its host."""

import pytest

from optral.kube import calls
from optral.kube.addresses import Address
from optral.kube.settings import ENV, Setting


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        pytest.param({"STORE_HOST": "store", "STORE_PORT": "5432"}, [("STORE_HOST", Address("store", 5432))], id="a host beside its port"),
        pytest.param({"STORE_HOSTNAME": "store.shop"}, [("STORE_HOSTNAME", Address("store.shop", None))], id="a host alone"),
        pytest.param({"STORE_HOST": "store:80", "STORE_PORT": "1"}, [("STORE_HOST", Address("store", 80))], id="its own port comes first"),
        pytest.param({"STORE_HOST": "store", "STORE_PORT": "99999"}, [("STORE_HOST", Address("store", None))], id="no port is so large"),
        pytest.param({"PGHOST": "pg", "PGPORT": "5433"}, [("PGHOST", Address("pg", 5433))], id="as libpq calls it"),
        pytest.param({"HOST": "web", "PORT": "80", "GHOST": "blog"}, [], id="where the program itself listens, and a word like it"),
        pytest.param({"STORE_HOST": "localhost"}, [], id="the pod itself"),
        pytest.param({"CACHE_ADDR": "redis"}, [("CACHE_ADDR", Address("?redis", None))], id="a word that may be a server"),
        pytest.param({"STORE_HOST": "a.svc.b", "STORE_PORT": "0"}, [("STORE_HOST", Address("a.svc.b", None))], id="no port is zero"),
        pytest.param(
            {"A_SERVER": "http://a,http://b", "A_PORT": "80"},
            [("A_SERVER", Address("a", None)), ("A_SERVER", Address("b", None))],
            id="one port beside two hosts belongs to neither",
        ),
        pytest.param({"STORE_HOST": "‹env:1›"}, [], id="masked"),
        pytest.param({"STORE_HOST": "[redacted:env:0a1b2c3d]", "STORE_PORT": "[redacted:env:0a1b2c3d]"}, [], id="masked by the redactor"),
        pytest.param(
            {"STORE_URL": "[redacted:assigned:0a1b2c3d] http://store:80"}, [("STORE_URL", Address("store", 80))], id="masked in a part"
        ),
        pytest.param({"STORE": "store", "HOST": "api", "GHOST": "casper"}, [], id="a word that may be anything"),
        pytest.param({"STORE_HOST": "store.shop.svc"}, [("STORE_HOST", Address("store.shop.svc", None))], id="a full name, once"),
    ],
)
def test_finds_addresses_in_settings(settings: dict[str, str], found: list[tuple[str, Address]]) -> None:
    read = calls.of_settings([Setting(ENV, name, text) for name, text in settings.items()])
    written = [(call.setting.name, Address(call.host if call.is_certain else f"?{call.host}", call.port)) for call in read]
    assert written == found


@pytest.mark.parametrize(
    ("name", "names", "is_port"),
    [("STORE_PORT", ["STORE_HOST"], True), ("PGPORT", ["PGHOST"], True), ("STORE_PORT", ["STORE_ADDR"], True), ("PORT", ["HOST"], False),
     ("STORE_PORT", ["CACHE_HOST"], False), ("", [""], False)],
)  # fmt: skip
def test_knows_the_port_of_another_setting(name: str, names: list[str], is_port: bool) -> None:
    assert calls.is_port_of_host(name, names) is is_port


def test_what_a_short_option_holds_goes_by_the_field() -> None:
    container = calls.decode_container({"name": "app", "command": ["sh", "-c", "postgres://orders-db:5432/shop"]})
    assert {call.setting.name for call in calls.of_container(container)} == {"command"}
