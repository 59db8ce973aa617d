"""What strict_json lets through and what it refuses, quickly."""

import json
import time
from typing import Any

import pytest

from optral.api.http.decode import strict_json
from optral.api.http.problems import Problem


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="half an object"),
        pytest.param(b"\xff\xfe{}", id="not UTF-8"),
        pytest.param(b'\xef\xbb\xbf{"a":1}', id="byte order mark"),
        pytest.param(b"[" * 100_000, id="a hundred thousand brackets"),
        pytest.param(b"[" * 33 + b"]" * 33, id="33 deep"),
        pytest.param(b'{"a":' * 33 + b"1" + b"}" * 33, id="33 objects deep"),
        pytest.param(b'{"a":NaN}', id="NaN"),
        pytest.param(b'{"a":-Infinity}', id="minus infinity"),
        pytest.param(b'{"a":1e999}', id="a number that becomes infinity"),
        pytest.param(b'{"a":9223372036854775808}', id="2^63"),
        pytest.param(b'{"a":9007199254740992}', id="2^53"),
        pytest.param(b'{"a":' + b"9" * 5000 + b"}", id="5000 digits"),
        pytest.param(b'{"a":1,"a":2}', id="a name twice"),
        pytest.param(b'{"a":{"b":1,"b":1}}', id="a name twice inside"),
        pytest.param(b'{"a":"\\ud800"}', id="half a surrogate pair"),
        pytest.param(b'{"\\udc00":1}', id="half a surrogate pair in a name"),
        pytest.param(b'{"a":"x\\u0000y"}', id="NUL"),
        pytest.param(b'{"a":"' + b"x" * 65_537 + b'"}', id="a string of 64 KiB and one"),
        pytest.param(b"[" + b"1," * 10_001 + b"1]", id="too many values"),
        pytest.param(b'"' + b'\\"' * 500_000, id="an endless string of escapes"),
        pytest.param(b'"\\' * 300_000, id="quotes and backslashes"),
        pytest.param(b"'a'", id="single quotes"),
    ],
)
def test_refuses_with_400_and_without_delay(raw: bytes) -> None:
    began = time.process_time()
    with pytest.raises(Problem) as caught:
        strict_json(raw)
    assert (caught.value.status, caught.value.code) == (400, "malformed_json")
    assert time.process_time() - began < 1  # an input of 1 MiB that takes seconds would stop everybody


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"name": "a", "labels": {"x": "y"}}, id="an ordinary body"),
        pytest.param([[], {}, None, True, 1.5, -3], id="every kind"),
        pytest.param({"a": 2**53 - 1, "b": -(2**53) + 1}, id="the largest integers"),
        pytest.param({"a": "x" * 65_536}, id="the longest string"),
        pytest.param({"a": '"[{,\\'}, id="marks inside a string"),
        pytest.param({"a": "😀 ü"}, id="beyond ASCII"),
    ],
)
def test_reads_what_is_fine(value: Any) -> None:
    assert strict_json(json.dumps(value).encode()) == value
    assert strict_json(json.dumps(value, ensure_ascii=False).encode()) == value
