"""What differs between two specs."""

from optral.analysis import differences


def test_compares_lists_of_named_things_by_name() -> None:
    before = {"containers": [{"name": "a", "image": "x:1"}, {"name": "b", "image": "y:1"}]}
    after = {"containers": [{"name": "b", "image": "y:1"}, {"name": "a", "image": "x:2"}]}
    assert differences.between(before, after, "spec") == [("spec/containers/a/image", "x:1", "x:2")]


def test_tells_what_came_and_what_went() -> None:
    assert differences.between({"a": 1}, {"b": 2}, "spec") == [("spec/a", 1, None), ("spec/b", None, 2)]


def test_is_bounded() -> None:
    assert len(differences.between({}, {str(n): n for n in range(500)}, "spec")) == differences.MAX_DIFFERENCES
