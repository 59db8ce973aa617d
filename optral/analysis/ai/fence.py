"""Text of a cluster on its way to a model: stripped of what cannot be seen, scanned for secrets, bounded, and fenced as data.

Whoever writes a log line can write "ignore your instructions". The fence has a tag drawn for each run, so that no text can close it;
what is inside is data by the instructions. Safety does not rest on that: a model cannot act, and what it says is checked.
"""

import re
import secrets

from optral.analysis.ai.masks import NOTHING, Masks
from optral.analysis.reading.evidence import plain
from optral.kube import logs, redact

MAX_RUN_BYTES = 32 * 1024  # of text out of a cluster in one run: the question and all answers of tools
MAX_QUESTION_BYTES = 16 * 1024
MAX_ANSWER_BYTES = 12 * 1024  # of one tool: about 4,000 tokens with names and numbers in them
CUT = "… (truncated: true)"
_FENCE = re.compile(r"</?\s*data-[0-9a-f]*[^>]*>?", re.IGNORECASE)


class Fence:
    """One run's fence. `left` is how many bytes of a cluster's text may still go through it; `masks` hide its names."""

    def __init__(self, masks: Masks = NOTHING) -> None:
        self.masks = masks
        self.tag = f"data-{secrets.token_hex(8)}"
        self.left = MAX_RUN_BYTES

    @property
    def is_full(self) -> bool:
        return self.left < 256

    def around(self, text: str, limit: int = MAX_ANSWER_BYTES) -> str:
        inside = bounded(self.masks.mask(clean(text)), min(limit, self.left))
        self.left -= len(inside.encode())
        return f"<{self.tag}>\n{inside}\n</{self.tag}>"


def clean(text: str) -> str:
    """The text line by line without controls, escapes and invisible characters, without anything like a fence, secrets masked."""
    lines = (_FENCE.sub("", plain(line, MAX_ANSWER_BYTES)) for line in text.splitlines())
    return logs.redact(redact.process_redactor(), "\n".join(line for line in lines if line).encode("utf-8", "replace"))


def bounded(text: str, limit: int) -> str:
    raw = text.encode("utf-8", "replace")
    if len(raw) <= limit:
        return text
    return raw[: limit - len(CUT.encode())].decode("utf-8", "ignore") + CUT
