"""A document as Markdown: bounded, and without anything active, whatever its facts say."""

import pytest
from markdown_it import MarkdownIt

from optral.flows.documents.document import MOST_CHARACTERS, MOST_FACTS, Document, Fact, blank, escaped, name, section
from optral.terms import ids
from tests.support.clock import NOON

ACTIVE = (
    "[click](javascript:alert(1))",
    "![x](https://example.org/p.png)",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "see https://example.org/x and www.example.org",
    "ask @everyone or a@example.org about #12",
    "``[a](b)`` and `` `[a](b)",
    "`a``[a](b)`",
    "\\`[a](b)\\`",
    "*bold* _soft_ ~~gone~~ | cell | &lt; $x$",
    "line\n# heading\n- item\r\n<b>",
    "<!-- hidden --> [ref]: https://example.org",
    "`unclosed [a](b)",
)


@pytest.mark.parametrize("text", ACTIVE)
@pytest.mark.parametrize("made", [escaped, lambda text: escaped(name(text)), lambda text: escaped(f"x `y` {text} `z`")])
def test_text_of_a_cluster_stays_text(text: str, made: object) -> None:
    assert callable(made)
    fact = Fact(text=made(text) if made is escaped else text, ids=["iss_1"], label="Failure")
    for markdown in (made(text), fact.markdown(about=None)):
        html = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(f"- {markdown}\n")
        inside = html.replace("<strong>Failure:</strong>", "")
        assert not [tag for tag in ("<a", "<img", "<script", "<b>", "<h1", "<em", "<s>", "<table", "<!--", "<strong") if tag in inside], (
            html
        )
        outside = MarkdownIt("commonmark").parseInline(markdown)[0].children or []
        words = " ".join(one.content for one in outside if one.type == "text")
        assert "://" not in words and "@" not in words and "www." not in words


def test_what_the_text_says_can_still_be_read() -> None:
    assert escaped("Container `api` was killed at 128 MiB (exit code 137).") == "Container `api` was killed at 128 MiB (exit code 137)."


def test_a_document_is_bounded_and_says_what_it_leaves_out() -> None:
    facts = [Fact(text=f"{number} " + "x" * 5000, ids=[ids.new("aud")] * 20) for number in range(1000)]
    first, both = section("a", "First", facts, more=5), section("b", "Both ends", facts, ends=True)
    assert (len(first.facts), first.left_out, len(both.facts), both.left_out) == (MOST_FACTS, 945, MOST_FACTS, 940)
    assert [both.facts[0].text[:2], both.facts[-1].text[:3]] == ["0 ", "999"]
    document = Document(kind="handover", title="t" * 5000, at=NOON, sections=[first, both])
    assert len(document.markdown()) < 2 * MOST_FACTS * (MOST_CHARACTERS + 300)
    assert "- 945 more are not listed." in document.markdown()


def test_an_empty_section_says_what_is_missing_or_is_for_people() -> None:
    empty = section("cause", "Cause", [], otherwise="No cause is known.", missing=["The log of `web-1`."])
    document = Document(kind="postMortem", title="T", at=NOON, sections=[empty, blank("wentWell", "What went well?")], subject_id="iss_1")
    assert document.markdown().endswith("## Cause\n\n- *The log of `web-1`.*\n- *No cause is known.*\n\n## What went well?\n")
    people = document.plain()["sections"][1]
    assert (people["facts"], people["missing"], people["forPeople"]) == ([], [], True)
