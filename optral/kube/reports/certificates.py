"""What cert-manager reports in the conditions of a Certificate.

`Issuing` is true while an issuance runs. After a failure it is false, with the error of the issuer; `Ready` only says what is missing.
Sources: cert-manager (pkg/apis/certmanager/v1, pkg/controller/certificates).
"""

from collections.abc import Iterable

from optral.kube.objects import Condition

READY, ISSUING = "Ready", "Issuing"


def explaining(conditions: Iterable[Condition]) -> Condition | None:
    """The condition that says most about why the certificate is not issued or renewed; None where there is none."""
    reported = {condition.type: condition for condition in conditions}
    issuing = reported.get(ISSUING)
    return issuing if issuing is not None and issuing.message else reported.get(READY)
