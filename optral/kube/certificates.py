"""When a public certificate expires: the only part of it that leaves the cluster."""

import base64
import binascii
from datetime import datetime
from functools import lru_cache

MAX_BUNDLE = 512 * 1024  # characters


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
