"""The everyday loop (`make check`) collects the files of which it runs something, and only those."""

from pathlib import Path

import pytest

from tests.support import examples


@pytest.mark.parametrize(
    ("text", "is_left_out"),
    [
        pytest.param("pytestmark = pytest.mark.slow\n", True, id="slow as a whole"),
        pytest.param("pytestmark = [pytest.mark.slow, pytest.mark.kubeapi]\n", True, id="and more"),
        pytest.param("pytestmark = pytest.mark.slower\n", False, id="another mark"),
        pytest.param("@pytest.mark.slow\ndef test_one() -> None: ...\n", False, id="one slow test"),
        pytest.param("def test_one() -> None: ...\n", False, id="none"),
    ],
)
def test_a_file_that_is_slow_as_a_whole_is_not_even_loaded(
    text: str, is_left_out: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, helper = tmp_path / "test_it.py", tmp_path / "conftest.py"
    for one in (path, helper):
        one.write_text(text)
    monkeypatch.setattr(examples, "_everyday", True)
    assert (examples.is_left_out(path), examples.is_left_out(helper)) == (is_left_out, False)
    monkeypatch.setattr(examples, "_everyday", False)
    assert not examples.is_left_out(path)
