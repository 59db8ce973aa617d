"""What an agent brings to enroll: a key, a request for a certificate, and words about itself."""

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from optral.clusters.authority import Authority, Request, read_request

KEY_ENCRYPTION_KEY = b"k" * 32
KUBE_UID = "0b4c7a3e-5f6d-4a61-9a9e-7a0f4c1f2f10"


def signer_of_agents(authority: Authority) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """The certificate and the key that sign agents, for tests that forge."""
    state = authority._state
    agents = state.generations[state.rotation.signer].agents
    return agents.certificate, agents.key


class AgentKey:
    """A P-256 key and its certificate request."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())

    @property
    def pem(self) -> bytes:
        return self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())

    @property
    def csr_der(self) -> bytes:
        builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    @property
    def request(self) -> Request:
        return read_request(self.csr_der)
