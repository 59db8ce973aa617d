"""One term per idea: the words that docs/glossary.md refuses appear nowhere, and what is left of them only shrinks."""

from collections import Counter

import pytest

from tests.house import words


@pytest.fixture(scope="module")
def uses() -> list[words.Offence]:
    return words.found()


def test_no_room_uses_more_refused_words_than_before(uses: list[words.Offence]) -> None:
    allowed, counts = words.allowed(), Counter(words.folder(use.path) for use in uses)
    risen = {name for name, count in counts.items() if count > allowed.get(name, 0)}
    listed = [str(use) for use in uses if words.folder(use.path) in risen]
    assert risen == set(), "\n".join(["docs/glossary.md refuses a word; use the term instead:", *listed])


def test_a_room_that_uses_fewer_refused_words_keeps_to_it(uses: list[words.Offence]) -> None:
    counts = Counter(words.folder(use.path) for use in uses)
    stale = {name: (count, counts[name]) for name, count in words.allowed().items() if count > counts[name]}
    assert stale == {}, "run `python -m tests.house.words` to lower the counts in tests/house/words_allowed.txt"


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        pytest.param("nothing ails it", ["ails"], id="prose"),
        pytest.param("a detail of the trail failed to mend", ["mend"], id="inside another word"),
        pytest.param("we recommend amendments", [], id="inside other words"),
        pytest.param("x = was_mended(the_mend, MEND, isMended)", ["mended", "mend", "MEND", "Mended"], id="identifiers"),
        pytest.param("# it comes\n    # about when", ["comes # about"], id="phrase over two lines of a comment"),
        pytest.param("def _told(self) -> None:\n    told = 1", ["told"], id="name of a function, not of a value"),
        pytest.param("the kubelet told the API server", [], id="a word refused only as a name"),
    ],
)
def test_finds_refused_words(text: str, refused: list[str]) -> None:
    banned = words.glossary("| write | do not use |\n|---|---|\n| **notify** | `ail`, `mend`, `comes about`, `told` *(name)*, tell |\n")
    assert sorted(use.word for use in words.offences("a/b.py", text, banned)) == sorted(refused)


def test_an_offence_names_file_line_word_and_term() -> None:
    banned = words.glossary("| term | meaning | do not use |\n|---|---|---|\n| **fix** | Repair. | `mend` |\n")
    assert [str(use) for use in words.offences("docs/x.md", "one\ntwo mends\n", banned)] == ["docs/x.md:2: 'mends'; write: fix"]


def test_every_refused_word_has_a_term() -> None:
    banned = words.glossary(words.GLOSSARY.read_text())
    assert len(banned) > 30
    assert [word for word, term, _ in banned if not term] == []


def test_only_the_quoted_name_of_something_stored_keeps_its_spelling() -> None:
    banned = words.glossary("| term | do not use |\n|---|---|\n| **relations** | `kin` |\n")
    text = 'relations = Table("issue_kin")\nissue_kin = 1\nkin = "issue_kins"\n'
    assert [use.line for use in words.offences("a/b.py", text, banned)] == [2, 3, 3]
