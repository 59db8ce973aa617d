"""Tells that redaction would not change the texts and labels of a typed object, by a superset of what the rules look for."""

import re
from functools import lru_cache
from typing import cast

from msgspec.structs import astuple

from optral.kube.objects import Metadata
from optral.kube.redact import MAX_ANNOTATION_CHARS
from optral.kube.redact_values import PATTERNS, WORDS, alternation, hides

_SECRETIVE = r"(?i:pass|api.?key|credential|private|auth|dsn|conn(?:ection)?.?str|access.?key|env|cabundle)"
_IN_DOUBT = alternation([*PATTERNS, WORDS, _SECRETIVE, r'"[{\[]'])
"""A superset of what the rules ask of text and of keys; the last part is JSON inside a text."""
_MAYBE_BASE64 = re.compile(rb'"([A-Za-z0-9+/_-]{16,}={0,2})"')
_hides = lru_cache(4096)(hides)


def is_plain_text(raw: bytes, *metadata: Metadata) -> bool:
    """Whether the redactor leaves every text and label in `raw` as it is: the JSON of a typed object, or of a part, with this metadata."""
    return hides_nothing(raw) and all(
        len(value) <= MAX_ANNOTATION_CHARS for one in metadata for value in cast(tuple[str, ...], astuple(one.annotations))
    )


def hides_nothing(raw: bytes) -> bool:
    """Whether the redactor leaves every text and label of this JSON as it is."""
    return _IN_DOUBT.search(raw) is None and not any(_hides(text.decode()) for text in _MAYBE_BASE64.findall(raw))
