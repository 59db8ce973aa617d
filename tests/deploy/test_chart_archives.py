"""The packaged charts: reproducible, described for Artifact Hub, and accepted by Helm, also from the server itself."""

import os
import subprocess
import sys
import zipfile
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml

import optral
from deploy import charts as packaging
from deploy.images import python as wheels, recipe
from optral.install import agent_chart
from tests.deploy import charts
from tests.deploy.charts import PIN


def package(out: Path, **env: str) -> dict[str, bytes]:
    command = [sys.executable, "-m", "deploy.charts", "--out", str(out)]
    done = subprocess.run(command, cwd=charts.ROOT, env={**os.environ, **env}, capture_output=True, text=True, check=True)
    return {Path(line).name: Path(line).read_bytes() for line in done.stdout.split()}


def test_two_builds_give_the_same_bytes_and_the_server_has_them_too(tmp_path: Path) -> None:
    first = package(tmp_path / "one")
    assert first == package(tmp_path / "two", TZ="Asia/Tokyo", PYTHONHASHSEED="7")
    assert sorted(first) == [f"{name}-{optral.__version__}.tgz" for name in packaging.CHARTS]
    assert first[agent_chart.file_name()] == agent_chart.archive().content


def test_the_wheel_holds_the_agent_chart(tmp_path: Path) -> None:
    source = charts.ROOT / "charts/optral-agent"
    with zipfile.ZipFile(wheels.build_wheel(tmp_path)) as wheel:
        held = {name: wheel.read(name) for name in wheel.namelist() if name.startswith("optral/charts/")}
    assert held == {f"optral/charts/optral-agent/{path.relative_to(source)}": path.read_bytes() for path in source.rglob("*.*")}


@pytest.mark.parametrize("name", packaging.CHARTS)
def test_artifact_hub_learns_what_it_asks_for(name: str) -> None:
    chart = yaml.safe_load((charts.ROOT / "charts" / name / "Chart.yaml").read_text())
    notes = {key.removeprefix("artifacthub.io/"): value for key, value in chart["annotations"].items()}
    assert notes["license"] == "Apache-2.0"
    assert {"kind", "description"} == set(yaml.safe_load(notes["changes"])[0])
    (image,) = yaml.safe_load(notes["images"])
    assert image["name"] in recipe.IMAGES
    assert image["image"] == f"{image['name']}:{optral.__version__}"
    assert chart["icon"].startswith("data:image/svg+xml;base64,")


@pytest.mark.slow
class TestHelm:
    """Helm with the archives."""

    def test_it_installs_the_archive_that_a_server_serves(self) -> None:
        values = ["--set", "server.url=https://optral.example.com", "--set", f"server.caPin={PIN}", "--set", "enrollment.token=mhe_abc"]
        with HTTPServer(
            ("127.0.0.1", 0), partial(_Served, {f"/charts/{agent_chart.file_name()}": agent_chart.archive().content})
        ) as server:
            Thread(target=server.serve_forever, daemon=True).start()
            done = charts.run("template", "optral-agent", agent_chart.url(f"http://127.0.0.1:{server.server_port}"), *values)
            server.shutdown()
        assert done.returncode == 0, done.stderr
        assert "kind: Deployment" in done.stdout

    @pytest.mark.parametrize("name", packaging.CHARTS)
    def test_it_reads_the_archive(self, tmp_path: Path, name: str) -> None:
        packaging.package(out=tmp_path)
        done = charts.run("show", "chart", str(tmp_path / f"{name}-{optral.__version__}.tgz"))
        assert yaml.safe_load(done.stdout)["name"] == name, done.stderr


class _Served(BaseHTTPRequestHandler):
    def __init__(self, files: dict[str, bytes], *request: object) -> None:
        self.files = files
        super().__init__(*request)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        content = self.files.get(self.path)
        self.send_response(404 if content is None else 200)
        self.end_headers()
        self.wfile.write(content or b"")
