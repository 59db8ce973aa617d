import pytest
from hypothesis import given, strategies as st

from optral.kube import quantities
from optral.kube.quantities import BadQuantity
from tests.support.examples import examples


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("128Mi", 134217728),
        ("1.5Gi", 1610612736),
        ("1e3", 1000),
        ("1E3", 1000),
        ("1E", 10**18),
        ("2k", 2000),
        ("100m", 1),
        ("1500m", 2),
        (".5Ki", 512),
        ("+7", 7),
        ("0", 0),
        (5, 5),
        (0.5, 1),
    ],
)
def test_reads_every_form_and_rounds_up(text: str | int | float, expected: int) -> None:
    assert quantities.to_bytes(text) == expected


@pytest.mark.parametrize("text", ["", "Mi", "1Mi ", "-1", "1e999", "9Ei9", "1KiB", "NaN", "inf", "١", "8Ei", "1" * 50])
def test_refuses_what_is_no_quantity_or_does_not_fit(text: str) -> None:
    with pytest.raises(BadQuantity):
        quantities.to_bytes(text)


@pytest.mark.parametrize(("text", "expected"), [("250m", 250), ("2", 2000), ("1n", 1)])
def test_reads_thousandths_of_a_core(text: str, expected: int) -> None:
    assert quantities.to_milli(text) == expected


@pytest.mark.parametrize(("count", "expected"), [(134217728, "128Mi"), (1536, "1.5Ki"), (0, "0"), (1023, "1023"), (2**62, "4Ei")])
def test_writes_bytes_as_people_do(count: int, expected: str) -> None:
    assert quantities.human_bytes(count) == expected


@examples(100)
@given(st.text(max_size=40))
def test_no_text_does_worse_than_being_refused(text: str) -> None:
    assert quantities.bytes_or_none({"memory": text}, "memory") is None or quantities.to_bytes(text) < 2**63


@pytest.mark.parametrize("given", [None, True, {}, ["1"], "", "1.5.2", "-1", "1e99"])
def test_reads_nothing_where_there_is_no_quantity(given: object) -> None:
    assert (quantities.read_bytes(given), quantities.read_milli(given)) == (None, None)
