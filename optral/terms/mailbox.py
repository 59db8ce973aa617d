"""Addresses of e-mail, as they are sent to."""

import re

from optral.terms.errors import Invalid

_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"\\\x00-\x1f\x7f]{1,64}@[^\s@<>()\[\],;:\"\\\x00-\x1f\x7f]{1,189}")


def checked_address(text: str) -> str:
    """The address with its domain in ASCII (IDNA 2008). Raises `Invalid` for an invalid one, or one that would add to a header."""
    import idna  # its tables take 10 ms to load

    local, _, domain = text.strip().rpartition("@")
    try:
        if _ADDRESS.fullmatch(text.strip()) is not None:
            return f"{local}@{domain if domain.isascii() else idna.encode(domain, uts46=True).decode()}"
    except idna.IDNAError:
        pass
    say = f"no e-mail can be sent to {text[:100]!r}; use an address such as ops@example.com"
    raise Invalid("invalid_email", say=say, errors=[{"field": "email", "code": "invalid_email", "message": say}])
