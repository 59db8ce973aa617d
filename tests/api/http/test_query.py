"""Query strings: only known names, lists by comma or repetition, scalars once."""

import pytest

from optral.api.http import query
from optral.api.http.problems import Problem

KNOWN = {"status": True, "page": False, "q": False}


@pytest.mark.parametrize(
    ("raw", "pairs"),
    [
        (b"", []),
        (b"status=open,resolved", [("status", "open"), ("status", "resolved")]),
        (b"status=open&status=resolved", [("status", "open"), ("status", "resolved")]),
        (b"status=open%2Cresolved", [("status", "open"), ("status", "resolved")]),
        (b"q=a,b", [("q", "a,b")]),
        (b"q=a+b%20c", [("q", "a b c")]),
        (b"page=2&&", [("page", "2")]),
    ],
)
def test_reads_values(raw: bytes, pairs: list[tuple[str, str]]) -> None:
    assert query.read(raw, KNOWN).multi_items() == pairs


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"statu=open", "unknown_parameter"),
        (b"=open", "unknown_parameter"),
        (b"page=1&page=1", "repeated_parameter"),
        (b"q=%00", "bad_parameter"),
        (b"q=%ff", "bad_parameter"),
        (b"%ff=1", "bad_parameter"),
        (b"q=%0a", "bad_parameter"),
        (b"&".join(b"status=open" for _ in range(51)), "too_many_parameters"),
        (b"status=" + b"a," * 50 + b"a", "too_many_values"),
    ],
)
def test_refuses(raw: bytes, code: str) -> None:
    with pytest.raises(Problem) as caught:
        query.read(raw, KNOWN)
    assert (caught.value.status, caught.value.code) == (400, code)


def test_names_the_nearest_parameter() -> None:
    with pytest.raises(Problem, match="did you mean status"):
        query.read(b"statsu=open", KNOWN)
