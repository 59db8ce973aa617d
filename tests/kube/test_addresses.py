"""What counts as an address among the settings of a container."""

import pytest

from optral.kube import addresses
from optral.kube.addresses import Address


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
        pytest.param({"STORE_HOST": "‹env:1›"}, [], id="masked"),
        pytest.param({"STORE": "store", "HOST": "api", "GHOST": "casper"}, [], id="a word that may be anything"),
        pytest.param({"STORE_HOST": "store.shop.svc"}, [("STORE_HOST", Address("store.shop.svc", None))], id="a full name, once"),
    ],
)
def test_finds_addresses_in_settings(settings: dict[str, str], found: list[tuple[str, Address]]) -> None:
    assert list(addresses.written(settings.items())) == found
