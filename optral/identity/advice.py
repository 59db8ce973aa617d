"""Why a provider cannot be used, in words for owners, who can change its settings."""

from optral.identity.protocol import WELL_KNOWN, WITHIN_S

NO_LOGOUT = "no_end_session_endpoint"
"""A reason that keeps nobody from signing in."""
_SAY = {
    NO_LOGOUT: "people can sign in, but signing out of Optral cannot end their session at the provider: its discovery document has no valid"
    " end_session_endpoint; turn endsProviderSession off",
    "dns": "the host name of the issuer cannot be resolved; check its spelling, and the DNS of the server",
    "connect": "cannot connect to the provider; check the issuer, and whether a firewall is between",
    "tls": "the TLS certificate of the provider is not valid for its host name, or not trusted by the server",
    "timeout": f"the provider did not answer within {WITHIN_S:.0f} seconds",
    "refused_address": "the provider has a private address, or a port other than 443 and 8443; whoever runs the server can allow its"
    " network with OPTRAL_IDENTITY_PRIVATE_NETWORKS",
    "too_large": "the answer of the provider is too large; the issuer is probably the address of something else",
    "not_json": "the answer of the provider is not JSON; the issuer is probably the address of a page",
    "issuer_mismatch": "the provider gives itself another issuer; copy it exactly, often with or without a slash at the end",
    "bad_keys": "the provider has no list of keys at its jwks_uri",
    "no_usable_keys": "the provider has no key for RS256, PS256, ES256 or their longer forms; let it sign ID tokens with one",
}


def say(reason: str, *, issuer: str) -> str:
    """What is wrong and what to do, for the reason of a `ProviderFailed`."""
    if reason in _SAY:
        return _SAY[reason]
    if reason.startswith("status_"):
        at, status = issuer.rstrip("/") + WELL_KNOWN, reason.removeprefix("status_")
        return f"{at}, or the address of its keys, answers with status {status}; check the issuer"
    return f"the provider's discovery document has no valid {reason.removeprefix('bad_')}"
