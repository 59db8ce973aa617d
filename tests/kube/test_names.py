"""Names that were probably meant."""

import pytest

from optral.kube import names


@pytest.mark.parametrize(
    ("name", "candidates", "nearest"),
    [
        ("api-setings", ["api-settings", "web"], "api-settings"),
        ("stroe", ["store", "story"], "store"),
        ("db", ["api", "web"], None),
        ("db-main", ["db", "web"], None),
        ("cache", ["cache-main", "web"], "cache-main"),
        ("same", ["same"], None),
        ("a", ["b"], None),
    ],
)
def test_names_the_candidate_that_was_probably_meant(name: str, candidates: list[str], nearest: str | None) -> None:
    assert names.nearest(name, candidates) == nearest
