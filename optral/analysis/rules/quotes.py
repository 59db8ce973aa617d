"""Sentences that carry the text they are about: an error message, a log line, a value.

Texts come from applications. What the verifier would refuse (a command, a secret, markup of a tool call) is not quoted; the sentence then
stands without it, and its evidence shows the text.
"""

from optral.analysis import verifier
from optral.analysis.case import cite
from optral.analysis.evidence import plain
from optral.analysis.model import Sentence
from optral.analysis.rules.containers import LogLine

MAX_QUOTE = 200


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
