"""Every key of a definition refuses what it cannot take, on its own line; and a parameter of a library runbook names one object."""

from collections.abc import Iterator
from typing import Any

import pytest

from optral.runbooks.builtin import builtin
from optral.runbooks.language import definition, definition_reader, document, parameters
from optral.runbooks.language.definition import Definition, Parameter
from optral.runbooks.language.keys import Group, Groups, Kept, Member
from optral.terms.errors import Invalid
from tests.runbooks.language.test_definition_schema import BASE, GROUPS, members_of, put

MARK = "MARKED"
WRONG = {"a mapping": {MARK: 1}, "mappings": [{MARK: 1}], "a long text": f"{MARK} " + "x" * 5000}
"""Each has the mark in its first line. No key takes one of them: not even a mapping takes this key, nor a text so many characters."""


def all_members() -> Iterator[tuple[str, Member]]:
    """(path, member) of every member of every mapping."""
    for path in GROUPS:
        for one in members_of(path):
            if not isinstance(one.key, Kept):
                yield f"{path}.{one.name}".lstrip("."), one


PATHS = dict(all_members())
MAPPINGS = {*definition.GROUPS, *(path for path, one in PATHS.items() if isinstance(one.key, Group | Groups))}


def refused(text: str) -> list[dict[str, str]]:
    """What is wrong with a definition, as the response of a save has it."""
    try:
        definition_reader.read(document.read(text))
    except Invalid as error:
        assert error.code == "invalid_runbook"
        return list(error.errors)
    return []


def line_of(text: str, mark: str) -> int:
    """The line, from 1, with the mark."""
    return next(number for number, line in enumerate(text.splitlines(), 1) if mark in line)


def test_the_base_is_taken() -> None:
    assert refused(document.write(BASE)) == []


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("path", [*PATHS, *definition.GROUPS])
def test_what_a_key_cannot_take_is_refused_on_its_line(path: str, wrong: Any) -> None:
    text = document.write(put(BASE, path, wrong))
    found = [one["message"] for one in refused(text) if one["field"].startswith(path)]
    line = line_of(text, MARK)
    begins = {line, line - 1} if path in MAPPINGS and isinstance(wrong, str) else {line}
    assert found, f"{path} takes {wrong!r:.60}"
    assert any(message.startswith(tuple(f"line {number}: " for number in begins)) for message in found), (line, found)


@pytest.mark.parametrize("path", [path for path, one in PATHS.items() if one.is_needed])
def test_a_key_that_is_missing_is_named_with_the_line_of_its_mapping(path: str) -> None:
    found = [one["message"] for one in refused(document.write(put(BASE, path, None))) if one["field"] == path]
    assert found and all(message.startswith("line ") for message in found), found


@pytest.mark.parametrize("path", [path for path in GROUPS if path])
def test_a_key_that_no_mapping_has_is_refused_on_its_line(path: str) -> None:
    text = document.write(put(BASE, f"{path}.{MARK}", "x"))
    assert f"line {line_of(text, MARK)}: is not known here" in [one["message"] for one in refused(text)]


# --- what is given for the parameters of an execution

HOSTILE = (
    "../../kube-system/secrets/x",
    "a/b",
    "a\nb",
    "a b",
    "${parameters.namespace}",
    "${target.name}",
    "web;reboot",
    "$(reboot)",
    "`reboot`",
    "{{ .Values }}",
    "%2e%2e%2fsecrets",
    "web?fieldManager=x",
    "web#x",
    "x" * 400,
    "\u202eweb",
    "--all",
    "",
)
GOOD = {"string": "web", "integer": 2, "boolean": False, "quantity": "256Mi", "resource": "Deployment/shop/web"}
LIBRARY = {slug: one.definition for slug, one in builtin.all_of_them().items()}
PLACES = frozenset({"kind", "namespace", "name", "pod", "node", "container", "tag", "digest"})
"""Values that end up in an address of the API server, or in the name of an image."""


def good(one: Parameter) -> Any:
    return one.enum[0] if one.enum else (one.minimum if one.minimum is not None and one.type == "integer" else GOOD[one.type])


def named(runbook: Definition) -> list[str]:
    """The parameters that a step uses to name something."""
    used = {str(value): name for step in runbook.steps for name, value in step.values.items() if name in PLACES}
    return [one.name for one in runbook.parameters if f"${{parameters.{one.name}}}" in used]


@pytest.mark.parametrize(("slug", "name"), [(slug, name) for slug, one in LIBRARY.items() for name in named(one)])
def test_a_value_that_names_something_names_nothing_else(slug: str, name: str) -> None:
    runbook = LIBRARY[slug]
    for value in HOSTILE:
        given = {one.name: good(one) for one in runbook.parameters if one.required} | {name: value}
        with pytest.raises(Invalid):
            parameters.bind(runbook, parameters.check(runbook, given, {}), {})


@pytest.mark.parametrize("slug", LIBRARY)
def test_a_value_is_never_read_as_a_reference(slug: str) -> None:
    """What is filled in once is not looked into again: `${…}` in a value stays text, or is refused."""
    runbook = LIBRARY[slug]
    target = dict.fromkeys(("kind", "namespace", "name", "container", "pod", "node"), "of-the-target")
    assert "${target." not in str([step.values for step in runbook.steps]), "its steps take everything from parameters"
    for one in runbook.parameters:
        given = {each.name: good(each) for each in runbook.parameters if each.required} | {one.name: "${target.name}"}
        try:
            values = parameters.check(runbook, given, {"target": target})
            bound = parameters.bind(runbook, values, target)
        except Invalid:
            continue
        assert values[one.name] == "${target.name}"
        assert "of-the-target" not in str([each.values for each in bound])
