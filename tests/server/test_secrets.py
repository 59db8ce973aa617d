"""The secrets outside the database: made once, for us alone, and never others than those the rows were made with."""

import base64
import stat
from dataclasses import dataclass
from pathlib import Path

import pytest

from optral.server import secrets
from optral.store.store import Store
from optral.terms.errors import Misconfigured


@dataclass
class Places:
    data_dir: Path
    pepper_file: Path | None = None
    key_encryption_key_file: Path | None = None


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "data")


async def test_the_first_start_makes_them_and_the_next_reads_them(store: Store, places: Places) -> None:
    first = await secrets.opened(store, places)
    assert await secrets.opened(store, places) == first
    assert len(first.pepper) == len(first.key_encryption_key) == 32
    assert first.pepper != first.key_encryption_key
    assert first.pepper.hex() not in repr(first)
    files = sorted(places.data_dir.iterdir())
    assert [file.name for file in files] == ["key-encryption-key", "pepper"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


@pytest.mark.parametrize(("file", "setting"), [("pepper", "OPTRAL_PEPPER_FILE"), ("key-encryption-key", "OPTRAL_KEY_ENCRYPTION_KEY_FILE")])
async def test_another_secret_or_none_stops_the_start_in_one_line(store: Store, places: Places, file: str, setting: str) -> None:
    first = await secrets.opened(store, places)
    path = places.data_dir / file
    kept = path.read_text()
    path.unlink()
    with pytest.raises(Misconfigured) as missing:
        await secrets.opened(store, places)
    assert not path.exists()  # none is made in its place
    path.write_text("ab" * 32)
    with pytest.raises(Misconfigured) as other:
        await secrets.opened(store, places)
    for refusal in (missing.value, other.value):
        assert str(path) in refusal.say
        assert setting in refusal.say
        assert "\n" not in refusal.say
    path.write_text(kept)
    assert await secrets.opened(store, places) == first


async def test_a_named_file_is_read_and_never_made(store: Store, places: Places, tmp_path: Path) -> None:
    places.pepper_file = tmp_path / "pepper.b64"
    with pytest.raises(Misconfigured, match="OPTRAL_PEPPER_FILE"):
        await secrets.opened(store, places)
    assert not places.pepper_file.exists()
    places.pepper_file.write_text(base64.b64encode(b"p" * 32).decode() + "\n")
    assert (await secrets.opened(store, places)).pepper == b"p" * 32


@pytest.mark.parametrize("content", [b"", b"short", b"ab" * 31, b"\xff\xfe" * 32, b"zz" * 32])
def test_a_file_that_holds_no_secret_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "pepper"
    path.write_bytes(content)
    with pytest.raises(Misconfigured) as refusal:
        secrets.read(path, "OPTRAL_PEPPER_FILE")
    assert refusal.value.say.startswith("OPTRAL_PEPPER_FILE: ")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Misconfigured, match="OPTRAL_DATA_DIR"):
        secrets.write(tmp_path / "file" / "pepper", b"p" * 32)
