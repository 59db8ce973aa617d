"""The catalog of texts: each template is well formed, is used with exactly its parameters, and reads as an alert does."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from optral import detectors
from optral.analysis import causes
from optral.kube.reports import admission, containers, cron_jobs, images, pods, runtime, sandboxes, scheduler
from optral.terms.en import causes as cause_texts, page, titles
from optral.terms.template import Amount, Phrase, Template

ROOT = Path(__file__).parents[2]
TYPES = list(page.types())
TITLES = [pytest.param(value, id=f"{name}.{entry}") for name, _, found in TYPES for entry, value in found.items()]
REASONS = [pytest.param(value, id=f"{name}.{key}") for name, found in page.reasons() for key, value in found.items()]
MAX_TITLE = 140  # characters with the example values
MAX_CAUSE = 80
REFUSED = re.compile(r"\b(findings?|records?|forge|says?|told|any more)\b|  |×", re.IGNORECASE)
UNIT = re.compile(r"\} ?(s|ms|min|m|h|bytes|Ki|Mi|Gi|cores|seconds|minutes|%)\b")
WRONG_NUMBER = re.compile(r"\b1 (nodes|pods|replicas|ports|finalizers)\b|\b3 (node|pod|replica|port|finalizer)\b")
NAME = re.compile(r"`|[a-z]*[A-Z0-9-]")  # of a field or a program, which keeps its spelling
ONE = {"count": 1, "pods": Amount("Pod shop/api-0", is_one=True)}


@pytest.mark.parametrize("title", TITLES)
def test_a_title_is_an_alert_in_one_line(title: Phrase) -> None:
    assert isinstance(title, Template)
    assert re.match(r"[A-Z]|\{(object|pods)\}", title.text), "the object, or a capital letter"
    for text in (page.example(title), page.example(title, **ONE)):
        assert len(text) <= MAX_TITLE, text
        assert not text.endswith("."), text
        assert (REFUSED.search(text), WRONG_NUMBER.search(text), "{" in text) == (None, None, False), text
    assert UNIT.search(title.text) is None, "a quantity is formatted with its unit before it becomes a parameter"


@pytest.mark.parametrize("reason", REASONS)
def test_a_reason_follows_a_colon(reason: Phrase) -> None:
    assert re.match(r"[a-z{:]|(Pods|PVC|Pod Security|[A-Z][a-z]+([A-Z][a-z]+)*) ", reason.text), "in lower case, or a kind of object"
    for text in (page.example(reason), page.example(reason, **ONE)):
        assert not text.endswith("."), text
        assert (REFUSED.search(text), WRONG_NUMBER.search(text), "{" in text) == (None, None, False), text


def test_each_type_is_in_the_catalog_and_declares_what_it_is_about() -> None:
    assert {name: what for name, what, _ in TYPES} == {detector.type: detector.title for detector in detectors.DETECTORS}
    assert all(found for _, _, found in TYPES)


def test_each_kind_of_failure_has_a_reason() -> None:
    of = {
        "PULL_FAILURES": {kind.value for kind in images.Kind},
        "SANDBOX_FAILURES": {kind.value for kind in sandboxes.Kind},
        "START_FAILURES": {kind.value for kind in runtime.Failure} | {"unknown"},
        "REJECTIONS": {kind.value for kind in admission.Kind} - {admission.Kind.UNKNOWN},
        "SCHEDULE_FAULTS": {fault.value for fault in cron_jobs.Fault},
        "AS_ROOT": {refusal.name for refusal in containers.RootRefusal},
    }
    assert {name: set(getattr(titles, name)) for name in of} == of
    assert set(titles.BLOCKERS) | set(titles.UNCOUNTED) == {blocker.value for blocker in scheduler.Blocker}
    assert pods.REJECTED | pods.NODE_LOST | {pods.DEADLINE_EXCEEDED, "Error", "OutOf"} == set(titles.POD_FAILURES)


# --- how the code uses it


@cache
def sources() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text()) for path in (ROOT / "optral").rglob("*.py") if "titles" in path.read_text()}


def templates_of(node: ast.expr, names: dict[str, ast.expr]) -> Iterator[Phrase]:
    """The templates that an expression may be: an entry of the catalog, one of a list of reasons, or one of several."""
    match node:
        case ast.Attribute(value=ast.Name(id="titles"), attr=attr) if isinstance(found := getattr(titles, attr), Phrase):
            yield found
        case ast.Attribute(value=ast.Attribute(value=ast.Name(id="titles"), attr=attr), attr=entry):
            found = getattr(getattr(titles, attr), entry)
            yield from [found] if isinstance(found, Phrase) else []
        case ast.Attribute(value=ast.Name(id=name), attr=entry) if isinstance(holder := names.get(name), ast.Attribute):
            yield from templates_of(ast.Attribute(value=holder, attr=entry), names)
        case ast.Subscript(value=ast.Attribute(value=ast.Name(id="titles"), attr=attr), slice=slice_):
            known = getattr(titles, attr)
            yield from [known[slice_.value]] if isinstance(slice_, ast.Constant) else known.values()
        case ast.IfExp(body=body, orelse=orelse):
            yield from (*templates_of(body, names), *templates_of(orelse, names))
        case ast.Name(id=name) if name in names:
            yield from templates_of(names[name], {})


def assigned(function: ast.AST) -> dict[str, ast.expr]:
    """The names that a function gives to parts of the catalog."""
    found: dict[str, ast.expr] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = node.targets[0], node.value
            pairs = (
                zip(target.elts, value.elts, strict=False)
                if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
                else [(target, value)]
            )
            found |= {name.id: given for name, given in pairs if isinstance(name, ast.Name)}
    return found


def uses() -> Iterator[tuple[str, Phrase, bool, set[str], str]]:
    """Every call of a template: where, the template, whether it is one of a list, the parameters given, and the code of their values."""
    for path, tree in sources().items():
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                names = assigned(function)
                for node in ast.walk(function):
                    if isinstance(node, ast.Call) and all(keyword.arg for keyword in node.keywords):
                        for found in templates_of(node.func, names):
                            given = {str(keyword.arg) for keyword in node.keywords}
                            is_listed = isinstance(node.func, ast.Subscript) and not isinstance(node.func.slice, ast.Constant)
                            yield f"{path.name}:{node.lineno}", found, is_listed, given, ast.unparse(node)


def test_a_template_gets_exactly_its_parameters() -> None:
    seen = [(where, found.text, given) for where, found, is_listed, given, _ in uses() if not is_listed and given != found.parameters]
    seen += [(where, found.text, given) for where, found, is_listed, given, _ in uses() if is_listed and not given >= found.parameters]
    assert seen == []


def test_each_template_is_used() -> None:
    """By its name, or as one of a list: what nobody reads would be translated for nothing."""
    code = "\n".join(ast.unparse(tree) for path, tree in sources().items() if path.parent.name != "en")
    lost = [
        f"{name}.{entry}"
        for name, _, found in TYPES
        for entry in found
        if not re.search(rf"\.{entry}\b", code) and f"titles.{name}" not in code
    ]
    lost += [name for name, _ in page.reasons() if f"titles.{name}" not in code]
    assert lost == []


def test_no_title_names_what_differs_between_replicas() -> None:
    assert [where for where, _, _, _, call in uses() if re.search(r"\bpod\.name\b|\buid\b|\bjob\.name\b", call)] == []


def test_only_the_catalog_makes_titles() -> None:
    """mypy refuses any other text as the title of a finding; these are the places that may tell it otherwise."""
    made = {path.relative_to(ROOT).as_posix() for path in (ROOT / "optral").rglob("*.py") if re.search(r"\bTitle\(", path.read_text())}
    assert made == {"optral/terms/template.py", "optral/detectors/detector.py"}


def test_the_page_is_what_the_catalog_has() -> None:
    written = (ROOT / "docs" / "reference" / "messages.md").read_text()
    assert written == page.document(), "run: python -m optral.terms.en.page > docs/reference/messages.md"
    assert set(page.SAMPLES) == set().union(*(param.values[0].parameters for param in (*TITLES, *REASONS)))


# --- causes


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in cause_texts.CAUSES.items()])
def test_the_texts_about_a_cause_are_sentences(text: cause_texts.CauseText) -> None:
    assert text.title[0].isupper() and not text.title.endswith(".") and len(text.title) <= MAX_CAUSE
    assert all(sentence[0].isupper() or NAME.match(sentence) for sentence in text[1:])
    assert all(sentence.endswith((".", "…")) for sentence in text[1:])
    assert [found[0] for sentence in text if (found := REFUSED.search(sentence))] == []


def test_each_cause_has_texts() -> None:
    assert set(cause_texts.CAUSES) == set(causes.BY_ID)
    assert len({text.title for text in cause_texts.CAUSES.values()}) == len(cause_texts.CAUSES)


# --- the template itself


def test_a_parameter_with_a_number_chooses_the_word() -> None:
    title = Template("{pods} {pods:is|are} held, {count} {count:node|nodes} left")
    assert title(pods=Amount("Pod a", is_one=True), count=1) == "Pod a is held, 1 node left"
    assert title(pods=Amount("Pods", is_one=False), count=0) == "Pods are held, 0 nodes left"


def test_a_format_that_chooses_no_word_is_pythons_own() -> None:
    assert Phrase("{share:.0%} of {amount:g}")(share=0.9, amount=1.5) == "90% of 1.5"
