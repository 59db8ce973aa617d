"""Sentences that carry the text they are about: an error message, a log line, a value.

Texts come from applications. What the verifier would refuse (a command, a secret, markup of a tool call) is not quoted; the sentence then
stands without it, and its evidence shows the text.
"""

from optral.analysis.engine import verifier
from optral.analysis.model import Sentence
from optral.analysis.reading.case import cite
from optral.analysis.reading.evidence import Change, plain
from optral.analysis.rules.containers import LogLine

MAX_QUOTE = 200
MAX_VALUE = 80
FAILED_CONNECTION = "The log reports a failed connection"


def quote(words: str, text: object, *evidence_ids: str, fact: str = "message", **named: str) -> Sentence:
    """`words` without a final period, followed by the text, which is a fact; only the words where the text is empty or must not be quoted.

    `named` are the facts that the words themselves name. Of a long log line the beginning is quoted, of other messages the end: each caller
    adds its words in front of the error that it got. A backtick, which Ruby and GNU programs open a quotation with, becomes an apostrophe.
    """
    shown = _short(plain(str(text or ""), 10 * MAX_QUOTE), keeps_end=fact == "message").replace("`", "'")
    if not shown or not verifier.may_be_quoted(shown):
        return cite(f"{words}.", *evidence_ids, **named)
    return cite(f"{words}: {{{fact}}}.", *evidence_ids, **named, **{fact: shown})


def quote_if_any(words: str, text: object, *evidence_ids: str) -> list[Sentence]:
    """`quote`, of a message that may be missing: no sentence then."""
    return [quote(words, text, *evidence_ids)] if text else []


def _short(text: str, *, keeps_end: bool) -> str:
    if len(text) > MAX_QUOTE:
        text = text[-MAX_QUOTE:].partition(" ")[2] if keeps_end else text[:MAX_QUOTE]
    return text.strip(" .…")


def quote_line(words: str, line: LogLine) -> Sentence:
    """`quote`, of a line of a log."""
    return quote(words, line.text, line.evidence_id, fact="log_line")


def failed_connection(line: LogLine | None) -> list[Sentence]:
    """The log line that reports that a connection failed, if there is one."""
    return [] if line is None else [quote_line(FAILED_CONNECTION, line)]


def changed(what: str, change: Change) -> Sentence:
    """`what` changed, from which value to which; without the values where one of them is no short text or number."""
    before, after = (_short_value(value) for value in (change.before, change.after))
    if not (before and after):
        return cite(f"{what} changed.", change.evidence_id)
    return cite(f"{what} changed from {{previous}} to {{current}}.", change.evidence_id, previous=before, current=after)


def _short_value(value: object) -> str:
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if text and "`" not in text and len(text) <= MAX_VALUE and verifier.may_be_quoted(text) else ""
