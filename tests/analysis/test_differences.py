"""Near names, and what differs between two specs."""

import pytest

from optral.analysis import differences


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
    assert differences.nearest(name, candidates) == nearest


def test_compares_lists_of_named_things_by_name() -> None:
    before = {"containers": [{"name": "a", "image": "x:1"}, {"name": "b", "image": "y:1"}]}
    after = {"containers": [{"name": "b", "image": "y:1"}, {"name": "a", "image": "x:2"}]}
    assert differences.between(before, after, "spec") == [("spec/containers/a/image", "x:1", "x:2")]


def test_tells_what_came_and_what_went() -> None:
    assert differences.between({"a": 1}, {"b": 2}, "spec") == [("spec/a", 1, None), ("spec/b", None, 2)]


def test_is_bounded() -> None:
    assert len(differences.between({}, {str(n): n for n in range(500)}, "spec")) == differences.MAX_DIFFERENCES
