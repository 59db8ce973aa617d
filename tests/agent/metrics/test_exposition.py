import pytest

from optral.agent.metrics import exposition
from optral.agent.metrics.exposition import Reader, Sample, TooLarge

TEXT = b"""# HELP cpu_total CPU seconds
# TYPE cpu_total counter
cpu_total{container="api",pod="api-1"} 12.5 1700000000250
other_total{container="api"} 3
cpu_total 4e2 1700000000250
cpu_total_more{container="api"} 3
memory_bytes{path="a\\\\b\\"}{\\n"} 7
"""


def read(text: bytes, *, size: int = 7, wanted: tuple[str, ...] = ("cpu_total", "memory_bytes")) -> list[Sample]:
    reader = Reader(wanted)
    found = [sample for begin in range(0, len(text), size) for sample in reader.feed(text[begin : begin + size])]
    return found + list(reader.end())


@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
def test_only_the_wanted_samples_are_read_wherever_the_answer_is_cut(size: int) -> None:
    assert read(TEXT, size=size) == [
        Sample("cpu_total", {"container": "api", "pod": "api-1"}, 12.5, 1700000000.25),
        Sample("cpu_total", {}, 400.0, 1700000000.25),
        Sample("memory_bytes", {"path": 'a\\b"}{\n'}, 7.0, 0.0),
    ]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"cpu_total NaN", id="not a number"),
        pytest.param(b"cpu_total +Inf", id="infinite"),
        pytest.param(b'cpu_total{pod="a"} ', id="no value"),
        pytest.param(b'cpu_total{pod="a" 1', id="labels without an end"),
        pytest.param(b"cpu_total 1 later", id="a time that is no number"),
        pytest.param(b"<html>cpu_total 1</html>", id="another format"),
        pytest.param(b'cpu_total{pod="' + b"x" * exposition.MAX_LINE + b'"} 1\n', id="a line that is too long"),
    ],
)
def test_what_is_no_sample_is_skipped(line: bytes) -> None:
    assert read(line, size=100_000) == []


def test_the_last_line_needs_no_newline() -> None:
    assert [sample.value for sample in read(b"cpu_total 1\ncpu_total 2")] == [1, 2]


@pytest.mark.parametrize(
    ("bound", "value", "text"),
    [
        pytest.param("MAX_BYTES", 100, b"other 1\n" * 20, id="bytes"),
        pytest.param("MAX_SAMPLES", 3, b"cpu_total 1\n" * 4, id="samples"),
        pytest.param("MAX_LINE", 64, b"x" * 100, id="a line without an end"),
    ],
)
def test_an_answer_without_end_is_refused(bound: str, value: int, text: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exposition, bound, value)
    with pytest.raises(TooLarge):
        read(text, size=50)
