"""The Kustomize base: generated, and an overlay of it is the kubectl installation."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

import optral
from optral.install import agent_install, agent_rbac
from tests.deploy.charts import PIN, ROOT, one, pod_of
from tests.setup import kube, machine

BASE = ROOT / "deploy/kustomize/agent"


@pytest.mark.slow
def test_the_base_is_generated() -> None:
    assert (BASE / "agent.yaml").read_text() == agent_install.base(), "run: make contracts"
    assert yaml.safe_load((BASE / "kustomization.yaml").read_text())["images"] == [{"name": "optral-agent", "newTag": optral.__version__}]


@pytest.mark.slow
@pytest.mark.cluster  # its kubectl is built with the test cluster
def test_the_overlay_of_the_page_sets_image_and_addresses(tmp_path: Path) -> None:
    page = (ROOT / "docs/install/agent.md").read_text()
    (overlay,) = re.findall(r"```yaml\n(apiVersion: kustomize.*?)```", page, re.DOTALL)
    (tmp_path / "base").symlink_to(BASE)
    folder = tmp_path / "overlay"
    folder.mkdir()
    (folder / "kustomization.yaml").write_text(overlay.replace("sha256:…", PIN))
    kubectl = machine.program("kubectl", kube.ASSETS)
    assert kubectl is not None
    done = subprocess.run([str(kubectl), "kustomize", str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    objects = list(yaml.safe_load_all(done.stdout))
    assert one(objects, "ClusterRole")["rules"] == agent_rbac.read_rules()
    settings = one(objects, "ConfigMap")
    assert settings["data"] == {"OPTRAL_SERVER": "https://optral.example.com", "OPTRAL_CA_PIN": PIN}
    (container,) = pod_of(objects)["containers"]
    assert container["image"] == f"registry.example.com/optral-agent:{optral.__version__}"
    assert container["envFrom"] == [{"configMapRef": {"name": settings["metadata"]["name"]}}]
