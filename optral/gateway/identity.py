"""Who an agent is: read from the client certificate that TLS has verified, and from nothing else.

TLS checks the chain, the dates and the name constraints; it accepts a certificate without an extended key usage, and knows neither our
form of name nor our rows. So everything is looked at again here, and the database has the last word
(`clusters.service.check_certificate`).
"""

import re
from datetime import datetime
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID

from optral.clusters.model import Identity
from optral.terms import ids
from optral.terms.errors import Refused
from optral.terms.ids import ClusterId, OrgId

E = TypeVar("E", bound=x509.ExtensionType)
_PATH = re.compile(r"/org/(?P<org>[^/]+)/cluster/(?P<cluster>[^/]+)/agent")


def read(pem: bytes, *, trust_domain: str, now: datetime) -> Identity:
    """The identity in a verified client certificate. Raises `Refused`, whose code names what is wrong with it."""
    try:
        certificate = x509.load_pem_x509_certificate(pem)
        extensions = certificate.extensions
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise _refused("certificate_unreadable", "the certificate cannot be read", log=str(error)) from None
    _check_usage(extensions)
    if not certificate.not_valid_before_utc <= now:
        raise _refused("not_yet_valid", "the certificate is not valid yet")
    if now >= certificate.not_valid_after_utc:
        raise _refused("expired", "the certificate has expired; enroll again with a new token")
    org_id, cluster_id = _names(extensions, trust_domain)
    fingerprint = certificate.fingerprint(hashes.SHA256()).hex()
    issuer = _get(extensions, x509.AuthorityKeyIdentifier)
    issuer_key_id = (issuer.key_identifier or b"").hex() if issuer is not None else ""
    return Identity(OrgId(org_id), ClusterId(cluster_id), fingerprint, certificate.not_valid_after_utc, issuer_key_id)


def _check_usage(extensions: x509.Extensions) -> None:
    usage = _get(extensions, x509.ExtendedKeyUsage)
    if usage is None:
        raise _refused("usage_missing", "the certificate does not say that it is for clients")
    if list(usage) != [ExtendedKeyUsageOID.CLIENT_AUTH]:
        raise _refused("usage_wrong", "the certificate is not for clients alone")
    constraints = _get(extensions, x509.BasicConstraints)
    if constraints is not None and constraints.ca:
        raise _refused("is_authority", "an authority's certificate is no agent's")


def _names(extensions: x509.Extensions, trust_domain: str) -> tuple[str, str]:
    names: list[x509.GeneralName] = list(_get(extensions, x509.SubjectAlternativeName) or ())
    if len(names) != 1 or not isinstance(names[0], x509.UniformResourceIdentifier):
        raise _refused("name_wrong", "the certificate must have exactly one name, a URI")
    uri, prefix = names[0].value, f"spiffe://{trust_domain}"
    match = _PATH.fullmatch(uri.removeprefix(prefix)) if uri.startswith(prefix) else None
    if match is None or not ids.is_id(match["org"], "org") or not ids.is_id(match["cluster"], "cls"):
        raise _refused("name_wrong", "the certificate's name is not an agent's of this control plane")
    return match["org"], match["cluster"]


def _get(extensions: x509.Extensions, kind: type[E]) -> E | None:
    try:
        return extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _refused(code: str, say: str, *, log: str = "") -> Refused:
    return Refused(code, say=say, log=log)
