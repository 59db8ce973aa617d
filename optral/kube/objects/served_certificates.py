"""The certificates that Services present, as the agent reports them (`optral/agent/probes/served.py`): one object for each Service."""

from typing import ClassVar

from optral.kube.objects.base import Int, KubeObject, Part, Time


class PresentedCertificate(Part, frozen=True):
    """What one port presented at `observed_at`. Nobody verified who signed it."""

    port: Int = 0
    observed_at: Time | None = None
    names: tuple[str, ...] = ()
    issuer: str = ""
    is_self_signed: bool = False
    not_before: Time | None = None
    not_after: Time | None = None


class ServedCertificateStatus(Part, frozen=True):
    observed_at: Time | None = None
    ports: tuple[PresentedCertificate, ...] = ()


class ServedCertificate(KubeObject, frozen=True):
    kind: ClassVar[str] = "ServedCertificate.probes.optral.io"

    status: ServedCertificateStatus = ServedCertificateStatus()
