"""`python -m deploy.charts [--out DIR]`: package both Helm charts, the same bytes each time."""

import argparse
from pathlib import Path

import yaml

from deploy.images import recipe
from optral.kit import tarballs

CHARTS = ("optral", "optral-agent")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.charts")
    parser.add_argument("--out", type=Path, default=recipe.ROOT / "build/charts")
    for archive in package(out=parser.parse_args().out):
        print(archive)


def package(*, out: Path) -> list[Path]:
    """Write `NAME-VERSION.tgz` for each chart into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for name in CHARTS:
        folder = recipe.ROOT / "charts" / name
        version = yaml.safe_load((folder / "Chart.yaml").read_text())["version"]
        target = out / f"{name}-{version}.tgz"
        target.write_bytes(tarballs.pack(folder, root=name))
        written.append(target)
    return written


if __name__ == "__main__":
    main()
