import pytest

from optral.kit.mappings import without_none


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param({"a": None, "b": None}, {}, id="no value at all"),
        pytest.param({"b": 1, "a": None, "c": 2}, {"b": 1, "c": 2}, id="the order stays"),
        pytest.param(
            {"off": False, "zero": 0, "empty": "", "list": []}, {"off": False, "zero": 0, "empty": "", "list": []}, id="falsy values"
        ),
    ],
)
def test_only_members_without_a_value_are_left_out(given: dict[str, object], kept: dict[str, object]) -> None:
    assert without_none(given) == kept
    assert list(without_none(given)) == list(kept)
