"""The Containerfile and the builder without a daemon make the same image, and no name floats."""

import json
import re
from pathlib import Path

import pytest

from deploy.images import debian, recipe

ROOT = Path(__file__).parents[2]
CONTAINERFILE = (ROOT / "deploy/Containerfile").read_text()


def stage(name: str) -> dict[str, list[str]]:
    """The instructions of one build stage, by name."""
    text = re.split(rf"^FROM \S+ AS {name}$", CONTAINERFILE, flags=re.MULTILINE)[1].split("\nFROM ")[0]
    found: dict[str, list[str]] = {}
    for word, rest in re.findall(r"^([A-Z]+) (.+)$", text, re.MULTILINE):
        found.setdefault(word, []).append(rest)
    return found


@pytest.mark.parametrize("image", recipe.IMAGES.values(), ids=recipe.IMAGES)
def test_the_containerfile_says_what_the_recipe_says(image: recipe.Image) -> None:
    name = image.name.removeprefix("optral-")
    said = stage(name)
    assert json.loads(said["ENTRYPOINT"][0]) == list(recipe.ENTRYPOINT)
    assert json.loads(said["CMD"][0]) == list(image.command)
    assert said["USER"] == [f"{recipe.UID}:{recipe.UID}"]
    assert said["ENV"] == [f"{key}={value}" for key, value in {**recipe.ENV, **dict(image.env)}.items()]
    assert said.get("EXPOSE", []) == ([" ".join(map(str, image.ports))] if image.ports else [])
    assert said["COPY"] == [f"--from={name}-files /files /"]
    assert f"FROM scratch AS {name}\n" in CONTAINERFILE
    assert f"--root {image.name} /files" in CONTAINERFILE


def test_every_debian_package_is_locked() -> None:
    locked = debian.read_lock("amd64")
    assert sorted(locked) == sorted(recipe.DEBIAN_PACKAGES)
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for _, digest in locked.values())


def test_nothing_is_called_latest() -> None:
    files = [path for folder in ("deploy", "charts") for path in (ROOT / folder).rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert files
    assert [str(path) for path in files if ":latest" in path.read_text(errors="replace")] == []
