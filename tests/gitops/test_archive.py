"""Packed archives: what is read, and what a hostile one takes."""

import gzip
import io
import tarfile
import tracemalloc
from collections.abc import Callable, Iterable

import pytest

from optral.gitops import archive
from optral.gitops.archive import Archive
from optral.gitops.model import CannotEdit

MIB = 2**20


def packed(entries: Iterable[tuple[str, bytes]], *, mode: int = 0o644) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", compresslevel=1) as tar:
        for name, content in entries:
            entry = tarfile.TarInfo(f"repo-1/{name}")
            entry.size, entry.mode = len(content), mode
            tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def test_reads_the_yaml_files_and_which_may_be_run() -> None:
    given = [("a.yaml", b"a: 1"), ("deep/b.yml", b"b: 1"), ("c.txt", b"c"), ("d.yaml", b"\xff"), (".git/e.yaml", b"e")]
    made = Archive(packed(given, mode=0o755))
    assert made.files == {"a.yaml": "a: 1", "deep/b.yml": "b: 1"}
    assert made.executables == {"a.yaml", "deep/b.yml"}
    assert Archive(packed([("chart/Chart.yaml", b"a"), ("chart/x/y.txt", b"b"), ("z.yaml", b"c")])).folder("chart") == {
        "Chart.yaml": b"a",
        "x/y.txt": b"b",
    }


def files_of_one_mebibyte() -> bytes:
    return packed((f"{number}.yaml", b" " * MIB) for number in range(12))


def wide_letters() -> bytes:
    """A letter outside of the first planes makes Python keep each of the text in four bytes."""
    text = "\N{PILE OF POO}".encode() + b" " * (MIB - 4)
    return packed((f"{number}.yaml", text) for number in range(5))


def long_paths() -> bytes:
    return packed((f"{number}-{'a/' * 7000}.yaml", b"") for number in range(700))


def a_long_header() -> bytes:
    return packed([("a" * 14 * MIB + ".yaml", b"")])


def empty_entries() -> bytes:
    """Nothing of it is kept; tarfile alone would keep a kilobyte of each."""
    entry = tarfile.TarInfo("repo-1/a.txt").tobuf()
    return gzip.compress(entry * 10_000 + b"\0" * 1024, compresslevel=1)


@pytest.mark.parametrize(
    ("bomb", "says"),
    [
        pytest.param(files_of_one_mebibyte, "or 8 MiB of them", id="files"),
        pytest.param(wide_letters, "or 8 MiB of them", id="wide letters"),
        pytest.param(long_paths, "or 8 MiB of them", id="long paths"),
        pytest.param(a_long_header, "a header of more than 16 KiB", id="a long header"),
        pytest.param(empty_entries, None, id="entries that are not kept"),
    ],
)
def test_an_archive_takes_what_is_kept_and_not_what_it_unpacks_to(
    bomb: Callable[[], bytes], says: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MAX_KEPT", 8 * MIB)
    made = Archive(bomb())
    tracemalloc.start()
    try:
        if says is None:
            assert made.files == {}
        else:
            with pytest.raises(CannotEdit, match=says):
                made.files  # noqa: B018 - unpacks
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < (11 if says else 2) * MIB
