"""Sentences that carry the text they are about: an error message, a log line, a value.

Texts come from applications. What the verifier would refuse (a command, a secret, markup of a tool call) is not quoted; the sentence then
stands without it, and its evidence shows the text.
"""

from optral.analysis import verifier
from optral.analysis.case import cite
from optral.analysis.evidence import Change, plain
from optral.analysis.model import Sentence
from optral.analysis.rules.containers import LogLine

MAX_QUOTE = 200
MAX_VALUE = 80


def quote(words: str, text: object, *evidence_ids: str) -> Sentence:
    """`words` without a final period, followed by the text; only the words where the text is empty or must not be quoted."""
    shown = plain(str(text or ""))[:MAX_QUOTE].rstrip(" .…")
    if not shown or "`" in shown or not verifier.may_be_quoted(shown):
        return cite(f"{words}.", *evidence_ids)
    return cite(f"{words}: `{shown}`.", *evidence_ids)


def quote_line(words: str, line: LogLine) -> Sentence:
    """`quote`, of a line of a log."""
    return quote(words, line.text, line.evidence_id)


def failed_connection(line: LogLine | None) -> list[Sentence]:
    """The log line that reports that a connection failed, if there is one."""
    return [] if line is None else [quote_line("The log reports a failed connection", line)]


def changed(what: str, change: Change) -> Sentence:
    """`what` was changed, from which value to which; without the values where one of them is no short text or number."""
    before, after = (_short_value(value) for value in (change.before, change.after))
    values = f" from `{before}` to `{after}`" if before and after else ""
    return cite(f"{what} was changed{values}.", change.evidence_id)


def _short_value(value: object) -> str:
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if text and "`" not in text and len(text) <= MAX_VALUE and verifier.may_be_quoted(text) else ""
