"""Whether a sentence says what one piece of evidence says: a model that answers a question may arrange the words of evidence, and add none.

The verifier compares names, numbers and quotations. "The database is healthy" has none of these and would pass with any evidence. Here each
word must occur in the evidence, too, except for words that state nothing (`_GLUE`), and a sentence denies exactly what its evidence denies.
"""

import re

_QUOTED = re.compile(r"`[^`]*`")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[a-z]+|\d+")
_ENDING = re.compile(r"(?:ing|ed|es|s|d|e)$")
_DENIAL = frozenset({"no", "not", "none", "never", "nothing", "nobody", "nor", "neither", "non", "without", "cannot", "unable", "false"})
_NEUTRAL = """
a an the this that these those it its they their there here of in on at to from by with for as and or but which who what where into about
is are was were be been being has have had do does did log line message field value condition status state name label evidence time show say
report read contain list record give mention
"""
_GLUE = frozenset(_NEUTRAL.split())


def fault(text: str, evidence: str) -> str | None:
    """Why the sentence does not say what the evidence says; None when it does. Quotations, numbers and names are the verifier's."""
    said, known = _words(_QUOTED.sub(" ", text)), _words(evidence)
    stated = [word for word in said if _GLUE.isdisjoint((word, word.removesuffix("s"), _stem(word)))]
    if _denies(_words(text)) != _denies(known):
        return "a sentence leaves out or adds a negation"
    for word in stated:
        if word not in _DENIAL and not any(one == word or one.startswith(_stem(word)) for one in known):
            return f"a sentence says what its evidence does not: {word[:40]}"
    return None if stated or _QUOTED.search(text) else "a sentence says nothing of its evidence"


def _denies(words: set[str]) -> bool:
    return not _DENIAL.isdisjoint(words)


def _words(text: str) -> set[str]:
    """In lower case, those in camel case apart: `NotReady` is a denial."""
    return set(_WORD.findall(_HUMP.sub(" ", text.replace("n't", " not")).casefold()))


def _stem(word: str) -> str:
    """Without an ending, where enough is left to be a word; the whole of a short word or number."""
    short = _ENDING.sub("", word)
    return short if len(short) >= 4 else word
