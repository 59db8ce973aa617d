"""A local checkout: what a link can reach."""

from pathlib import Path

import pytest

from optral.gitops.checkout import Checkout
from optral.gitops.model import CannotEdit


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout beside a folder that does not belong to it."""
    for name in ("outside/chart/Chart.yaml", "checkout/charts/web/Chart.yaml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(f"name: {name}")
    return tmp_path / "checkout"


def test_reads_a_folder_without_the_links_in_it(root: Path) -> None:
    (root / "charts/web/secret.yaml").symlink_to(root.parent / "outside/chart/Chart.yaml")
    (root / "charts/web/more").symlink_to(root.parent / "outside/chart")
    assert list(Checkout(root).folder("charts/web")) == ["Chart.yaml"]
    assert list(Checkout(root).folder("")) == ["charts/web/Chart.yaml"]


@pytest.mark.parametrize("path", ["link", "link/chart"])
def test_refuses_a_folder_behind_a_link(root: Path, path: str) -> None:
    (root / "link").symlink_to(root.parent / "outside", target_is_directory=True)
    with pytest.raises(CannotEdit, match=f"{path} is reached through a symbolic link"):
        Checkout(root).folder(path)


def test_a_checkout_can_itself_be_reached_through_a_link(root: Path) -> None:
    (root.parent / "link").symlink_to(root, target_is_directory=True)
    assert list(Checkout(root.parent / "link").folder("charts/web")) == ["Chart.yaml"]
