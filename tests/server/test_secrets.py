"""The secrets outside the database: made once, for us alone, and never others than those the rows were made with."""

import base64
import errno
import os
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from optral.server import secrets
from optral.store.store import Store
from optral.terms.errors import Misconfigured

pytestmark = pytest.mark.slow  # processes


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
        secrets.write_once(tmp_path / "file" / "pepper", b"p" * 32)


RACE = """
import sys
from pathlib import Path
from optral.server import secrets
from optral.terms.errors import Misconfigured

for line in sys.stdin:  # the folder of the next round
    path = Path(line.strip()) / "pepper"
    print(secrets._new(secrets.SecretFile("pepper", "OPTRAL_PEPPER_FILE", path, True), is_known=False).hex(), flush=True)
"""


def test_servers_that_start_at_once_make_one_secret(tmp_path: Path) -> None:
    """Each round begins for all processes at the same moment; without care most rounds have two secrets, of which the file keeps one."""
    command = [sys.executable, "-c", RACE]
    racers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) for _ in range(4)]
    try:
        for number in range(150):
            folder = tmp_path / f"round-{number}"
            for racer in racers:
                assert racer.stdin is not None
                racer.stdin.write(f"{folder}\n")
            found = {racer.stdout.readline().strip() for racer in racers if racer.stdout is not None}
            assert found == {(folder / "pepper").read_text().strip()}
            assert [file.name for file in folder.iterdir()] == ["pepper"]
    finally:
        for racer in racers:
            racer.communicate()


def test_a_file_system_without_hard_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    for secret in (b"a" * 32, b"b" * 32):  # the second comes too late
        secrets.write_once(tmp_path / "pepper", secret)
    assert secrets.read(tmp_path / "pepper", "OPTRAL_PEPPER_FILE") == b"a" * 32
    assert stat.S_IMODE((tmp_path / "pepper").stat().st_mode) == 0o600
