"""What is public of a certificate: until when it is valid, and which hosts its names cover."""

import base64
import binascii
from datetime import datetime
from functools import lru_cache

MAX_BUNDLE = 512 * 1024  # characters


def covers(name: str, host: str) -> bool:
    """Whether a name of a certificate covers a host as it is called; a wildcard covers one label. Source: RFC 6125, 6.4.3."""
    name, host = name.lower().rstrip("."), host.lower().rstrip(".")
    return name == host or (name.startswith("*.") and name[2:] == host.partition(".")[2])


@lru_cache(512)
def bundle_not_after(text: str) -> datetime | None:
    """Until when the last certificate of a base64 PEM bundle holds (UTC): then nothing verifies against it. None for anything else."""
    if len(text) > MAX_BUNDLE:
        return None
    from cryptography import x509  # a tenth of the time in which a scan starts, and only webhooks and API services have a bundle

    try:
        found = x509.load_pem_x509_certificates(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return None
    return max(certificate.not_valid_after_utc for certificate in found) if found else None
