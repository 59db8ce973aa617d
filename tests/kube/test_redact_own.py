"""No secret that Optral itself makes leaves a cluster, such as by the log of the server's own pod."""

import pytest

from optral.access import people
from optral.access.model import generate_key
from optral.clusters.enrollment_service import draw_token
from optral.kit import signature
from optral.kube.redact import Redactor

OWN = {
    "API key": generate_key,
    "enrollment or fleet token": draw_token,
    "signing secret": signature.new_secret,
    "first-run link": lambda: f"http://127.0.0.1:8080/setup#{people.generate_token()}",
    "invitation": lambda: f"https://optral.example.org/invite#{people.generate_token()}",
}


@pytest.mark.parametrize("kind", OWN)
def test_own_secrets_are_masked_in_free_text(kind: str) -> None:
    secret = OWN[kind]()
    masked = Redactor(b"s" * 32).text(f"Open this once: {secret}")
    assert secret.rpartition("#")[2] not in masked
    assert "[redacted:" in masked
