"""docs/tutorial.md, typed as it stands: the demo, and then a real cluster."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.reader import Reader, commands, reader
from tests.setup import kube
from tests.support.platform import BIN
from tests.support.real_cluster import Cluster

pytestmark = pytest.mark.slow
PAGE = commands("docs/tutorial.md")
DEMO = ["Start the demo", "Find out what is broken", "Fix it"]
OWN = "Watch your own cluster"


@pytest.fixture
def newcomer(tmp_path: Path) -> Iterator[Reader]:
    yield from reader(tmp_path)


@pytest.fixture
def owner(tmp_path: Path, cluster: Cluster) -> Iterator[Reader]:
    """Somebody with a kubeconfig, and kubectl in the path."""
    yield from reader(tmp_path, KUBECONFIG=str(cluster.kubeconfig), PATH=os.pathsep.join([str(kube.ASSETS), str(BIN), os.environ["PATH"]]))


def test_every_command_of_the_page_is_run_by_a_test() -> None:
    assert {title for title, lines in PAGE.items() if lines} == {"Install the command", *DEMO, OWN}


def test_the_demo_leads_to_a_fix(newcomer: Reader) -> None:
    for section in DEMO:
        newcomer.read(PAGE[section])
    assert "iss_" in newcomer.shown["optral issues list"]
    assert "memory_limit_too_low" in newcomer.shown["optral issues explain shop/catalog"]
    assert "192Mi  384Mi" in newcomer.shown[PAGE["Fix it"][0]]
    assert "192Mi → 384Mi" in newcomer.shown[PAGE["Fix it"][-1]]


@pytest.mark.cluster
def test_a_cluster_of_ones_own_leads_to_a_fix(owner: Reader) -> None:
    owner.read(PAGE[OWN])
    explained = owner.shown["optral issues explain tutorial/web"]
    assert "busybox:no-such-tag" in explained
    assert "busybox:1.36" in explained
    assert next(text for line, text in owner.shown.items() if "jsonpath" in line) == "docker.io/library/busybox:1.36"
