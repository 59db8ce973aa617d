"""The agent's chart as Helm, Argo CD and a stranger without a key download it."""

import hashlib
import io
import tarfile
from pathlib import Path

import pytest
import yaml
from fastapi import FastAPI
from starlette.testclient import TestClient

import optral
from optral.api.clusters import charts
from optral.install import agent_chart

SOURCES = Path(__file__).parents[3] / "charts/optral-agent"
ARCHIVE = f"/charts/optral-agent-{optral.__version__}.tgz"


@pytest.fixture
def client() -> TestClient:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    charts.add(app)
    return TestClient(app)


def test_the_archive_holds_the_files_of_the_chart_and_nothing_else(client: TestClient) -> None:
    answer = client.get(ARCHIVE)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/gzip")
    with tarfile.open(fileobj=io.BytesIO(answer.content), mode="r:gz") as archive:
        served = {member.name: archive.extractfile(member).read() for member in archive}  # type: ignore[union-attr]
    files = {f"optral-agent/{path.relative_to(SOURCES)}": path.read_bytes() for path in SOURCES.rglob("*") if path.is_file()}
    assert served == files


def test_the_archive_is_not_sent_again_to_who_has_it(client: TestClient) -> None:
    first = client.get(ARCHIVE)
    assert first.headers["cache-control"] == "public, max-age=3600"
    again = client.get(ARCHIVE, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["optral-agent-0.0.9.tgz", "optral-agent.tgz", "..%2f..%2fpyproject.toml", "Chart.yaml"])
def test_other_files_are_not_served(client: TestClient, name: str) -> None:
    answer = client.get(f"/charts/{name}")
    assert answer.status_code == 404
    assert b"apiVersion" not in answer.content


def test_the_index_makes_it_a_helm_repository(client: TestClient) -> None:
    index = yaml.safe_load(client.get("/charts/index.yaml").content)
    (entry,) = index["entries"]["optral-agent"]
    archive = client.get(f"/charts/{entry['urls'][0]}").content
    assert entry["digest"] == hashlib.sha256(archive).hexdigest()
    assert (entry["version"], index["apiVersion"]) == (optral.__version__, "v1")


@pytest.mark.parametrize("public_url", ["https://optral.example.com", "https://optral.example.com/"])
def test_the_address_for_helm_is_below_the_public_url(public_url: str) -> None:
    assert agent_chart.url(public_url) == f"https://optral.example.com{ARCHIVE}"
