"""Names that Kubernetes can give to an object.

Most kinds have names of DNS: letters, digits, `-`, `.`, at most 253. The kinds of RBAC, and kinds that an aggregated API serves, take any
text without `/` and `%` (`path.IsValidPathSegmentName`), of any length: control and bidirectional characters, too.
"""

import re

from optral.kube.kinds import BY_ID

MAX_NAME = 253
_REPLACED = "\N{REPLACEMENT CHARACTER}"
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What changes how the text around it is shown: controls of C0 and C1, bidirectional controls, and separators of lines."""


def is_ordinary(text: str) -> bool:
    """Whether the text holds nothing unsafe. Quick: nearly all texts are printable."""
    return text.isprintable() or _UNSAFE.search(text) is None


def has_any_name(kind: str) -> bool:
    """Whether an object of this kind (`Kind.id`) may have a name that is none of DNS."""
    known = BY_ID.get(kind)
    return known is None or known.group == "rbac.authorization.k8s.io"


def shown(name: str) -> str:
    """The name as it is stored: unsafe characters replaced, and cut where it is too long."""
    safe = _UNSAFE.sub(_REPLACED, name)
    return safe if len(safe) <= MAX_NAME else f"{safe[: MAX_NAME - 1]}…"
