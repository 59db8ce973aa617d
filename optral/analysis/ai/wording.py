"""Whether a sentence says what one piece of evidence says: a model that answers a question may shorten evidence, and add or turn nothing.

The verifier compares names, numbers and quotations. "The database is healthy" has none of these and would pass with any evidence. Here each
word must occur in the evidence, too, in the same order, except for words that state nothing (`_GLUE`). A word that reverses the meaning of
others ("not", "failed", "expected") may be neither left out nor added nor moved to another word: "The image was pulled" has only words of
"Failed to pull image". Words of the object that the evidence is about may stand anywhere.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

_QUOTED = re.compile(r"`[^`]*`")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[a-z]+|\d+(?:/\d+)*|[:;,.!?](?=\s)")
_BREAKS = frozenset(":;,.!?")
_ENDING = re.compile(r"(?:ing|ed|es|s|d|e|ion|ure)$")
_DENIAL = frozenset({"no", "not", "none", "never", "nothing", "nobody", "nor", "neither", "non", "without", "cannot", "unable", "false"})
_REVERSAL = re.compile(
    r"(?:fail|error|refus|den[iy]|forb|reject|timeout|timed$|exceed|expir|un[a-z]{4}|miss|lost$|lose|invalid|kill|evict|abort|crash|bad$"
    r"|insufficient|stop|terminat|delet|remov|prevent|disabl|wait|pend|out$|over$|too$|if$|would$|should$|could$|might$|may$|must$|expect"
    r"|want|desir|try|tries$|attempt|before$|until$|except|instead)"
)
_NEUTRAL = """
a an the this that these those it its they their there here of in on at to from by with for as and or but which who what where into about
is are was were be been being has have had do did does log line message field value condition status state name label evidence time show say
report read contain list record give mention
"""
_GLUE = frozenset(_NEUTRAL.split())


class _Evidence:
    """The words of a piece of evidence. `named`: those of its object. `pairs`: neighbors. `denied`: what it only denies."""

    def __init__(self, text: str, about: str) -> None:
        self.words = _words(text)
        self.named = frozenset(_stem(word) for word in _words(about) if not _reverses(word))
        pairs = list(pairwise(["", *self.words]))
        self.pairs = {(_stem(one), _stem(other)) for one, other in pairs}
        denied = {_stem(other) for one, other in pairs if _reverses(one)} | {_stem(one) for one, other in pairs if other == "false"}
        self.denied = denied - {_stem(other) for one, other in pairs if not _reverses(one)} - self.named
        self._turned = {_stem(word) for pair in pairs if any(map(_reverses, pair)) for word in pair} | self.named

    def has(self, word: str) -> bool:
        return _stem(word) in self.named or any(_stem(word) == _stem(one) for one in self.words)

    def is_turned(self, said: Sequence[str], own: Sequence[str]) -> bool:
        """Whether the words of a sentence deny or state what the evidence does not. `own`: without those of the object."""
        return any(map(_reverses, own)) != any(map(_reverses, self.words)) or any(self._is_turned(*one) for one in _with_neighbors(said))

    def _is_turned(self, before: str, word: str, after: str) -> bool:
        stem = _stem(word)
        if before in _DENIAL and word not in _BREAKS:
            return stem not in self._turned or (_reverses(word) and not any((one, stem) in self.pairs for one in _DENIAL))
        return stem in self.denied and not any(map(_reverses, (before, word, after)))

    def is_moved(self, said: Sequence[str], own: Sequence[str]) -> bool:
        """Whether the words are in another order, or a number counts something else: `3 nodes` of `0/3 nodes, 3 without memory`."""
        left = iter(map(_stem, self.words))
        is_in_order = all(_stem(word) in left for word in own if not _reverses(word))
        return not is_in_order or any(self._counts_other(*one) for one in _with_neighbors(said))

    def _counts_other(self, before: str, word: str, after: str) -> bool:
        is_counted = word.isdigit() and (before or after) and _stem(word) not in self.named
        return bool(is_counted) and {(_stem(before), word), (word, _stem(after))}.isdisjoint(self.pairs)


def fault(text: str, evidence: str, about: str = "") -> str | None:
    """Why the sentence does not say what the evidence says; None when it does. Quotations, numbers and names are the verifier's.

    `about`: the kind and the object of the evidence, and the place in it; a name such as `failed-job` denies nothing.
    """
    known, bare = _Evidence(evidence, about), _stated(_words(_QUOTED.sub(" ", text)))
    if (other := next((word for word in bare if word not in _DENIAL and not known.has(word)), None)) is not None:
        return f"a sentence says what its evidence does not: {other[:40]}"
    said = _words(_QUOTED.sub(lambda quoted: " " if quoted[0].strip("`") in about.split() else quoted[0], text))
    own = [word for word in _stated(said) if _stem(word) not in known.named]
    if known.is_turned(said, own):
        return "a sentence leaves out or adds a negation"
    if known.is_moved(said, own):
        return "a sentence puts the words of its evidence in another order"
    return None if bare or _QUOTED.search(text) else "a sentence says nothing of its evidence"


def _with_neighbors(said: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    return zip(["", *said], said, [*said[1:], ""], strict=False)


def _stated(words: Sequence[str]) -> list[str]:
    return [word for word in words if word not in _BREAKS]


def _reverses(word: str) -> bool:
    return word in _DENIAL or _REVERSAL.match(word) is not None


def _words(text: str) -> list[str]:
    """In lower case without those that state nothing, those in camel case apart: `NotReady` is a denial. Ends of clauses are words, too."""
    found = _WORD.findall(_HUMP.sub(" ", text.replace("n't", " not")).casefold())
    return [word for word in found if _GLUE.isdisjoint((word, word.removesuffix("s"), _stem(word)))]


def _stem(word: str) -> str:
    """Without an ending, where enough is left to be a word; the whole of a short word or number."""
    short = _ENDING.sub("", word)
    return short if len(short) >= 4 else word
