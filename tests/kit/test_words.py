"""Numbers in sentences."""

import pytest

from optral.kit.words import counted


@pytest.mark.parametrize(("count", "text"), [(0, "0 pods"), (1, "1 pod"), (2, "2 pods")])
def test_only_one_is_singular(count: int, text: str) -> None:
    assert counted(count, "pod") == text
