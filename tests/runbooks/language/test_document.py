"""YAML that surprises nobody: words stay words, bombs do not go off, mistakes have lines."""

import time

import pytest

from optral.runbooks.builtin import builtin
from optral.runbooks.language import definition, definition_reader, document
from optral.terms.errors import Invalid

BOMB = "a: &a [x,x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\n"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("a: yes", {"a": "yes"}, id="yes is a word"),
        pytest.param("a: 1:30", {"a": "1:30"}, id="no sexagesimal numbers"),
        pytest.param("a: 010", {"a": "010"}, id="no octal numbers"),
        pytest.param("a: 2024-01-01", {"a": "2024-01-01"}, id="no dates"),
        pytest.param("a: [1, 1.5, true, null, ~, 'true']", {"a": [1, 1.5, True, None, None, "true"]}, id="plain words as in JSON"),
        pytest.param('{"a": {"b": "c"}}', {"a": {"b": "c"}}, id="JSON"),
        pytest.param("a: ${parameters.x}", {"a": "${parameters.x}"}, id="a reference"),
        pytest.param("<<: {a: 1}", {"<<": {"a": 1}}, id="no merge keys"),
    ],
)
def test_reads_words_as_they_are(text: str, value: object) -> None:
    assert document.read(text).plain() == value


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "1",
        "1e3",
        "0x1f",
        "~",
        "null",
        "1:30",
        "a: b",
        "# x",
        "- x",
        "${parameters.x}",
        " x ",
        "a\nb\n",
        "\n x",
        "*a",
        "&a",
        "!x",
        "é\u2028",
        "'",
        '"',
    ],
)
def test_what_is_written_is_read_as_it_was(text: str) -> None:
    value = {"a": text, "b": [text, {"c": text, "d": 1, "e": True, "f": 2.5}], "g": None}
    assert document.read(document.write(value)).plain() == value


@pytest.mark.parametrize("one", builtin.all_of_them().values(), ids=lambda one: one.definition.slug)
def test_a_definition_is_written_as_people_write_it(one: builtin.Builtin) -> None:
    text = document.write(definition.as_json(one.definition))
    assert definition_reader.read(document.read(text)) == one.definition
    assert text.startswith(f"slug: {one.definition.slug}\nname: ")
    assert "[]" not in text and "{}" not in text
    assert max(map(len, text.splitlines())) <= 140


def test_knows_the_line_of_everything() -> None:
    root = document.read("a: 1\nb:\n  - c\n")
    assert [root.value["a"].line, root.value["b"].value[0].line] == [1, 3]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param(BOMB, "line 1: anchors and aliases", id="billion laughs"),
        pytest.param("a: *a", "line 1: anchors and aliases", id="an alias of nothing"),
        pytest.param("a: !!python/object/apply:os.system [ls]", "line 1: tags", id="a Python object"),
        pytest.param("a: !secret x", "line 1: tags", id="a local tag"),
        pytest.param("a: 1\n---\nb: 1", "line 2: there is a second document", id="two documents"),
        pytest.param("a: 1\na: 2", "line 2: 'a' is given twice", id="a name twice"),
        pytest.param("? [a]\n: 1", "line 1: a name must be a word", id="a list as a name"),
        pytest.param("a: [1,\nb: 2", "line", id="never closed"),
        pytest.param("a: \x07", "", id="a control character"),
        pytest.param("", "empty", id="nothing"),
        pytest.param("[" * 20_000, "nesting depth", id="twenty thousand deep"),
        pytest.param("{a: " * 100 + "}" * 100, "deeper than 32", id="a hundred mappings deep"),
        pytest.param("- a\n" * 20_000, "more than 10000 values", id="many values"),
        pytest.param("a: " + "x" * (256 * 1024), "larger than 256 KiB", id="large"),
    ],
)
def test_refuses_what_no_runbook_is(text: str, says: str) -> None:
    began = time.process_time()
    with pytest.raises(Invalid) as refused:
        document.read(text)
    assert time.process_time() - began < 5
    assert refused.value.code == "invalid_runbook"
    assert says in refused.value.say
