"""How a session ends: the code and text for the peer, and what its end says about the cluster."""

import optral
from optral.clusters import rotation_service as rotations, service as clusters
from optral.clusters.model import Reason
from optral.wire import frames
from optral.wire.agent.v1 import tunnel_pb2 as pb

_RETRY_AFTER_S = {"not_yet_valid": 60, "superseded": 60, "protocol_error": 30, "too_slow": 5, "unavailable": 5}
_PUBLIC_CODES = frozenset(
    {"revoked", "expired", "cluster_deleted", "cluster_mismatch", "unsupported_protocol", *_RETRY_AFTER_S} - {"not_yet_valid"}
)  # every other reason is sent as identity_refused, with the reason in its text
_CLOSES = {
    "revoked": Reason.CREDENTIALS_REVOKED,
    rotations.RETIRED: Reason.CREDENTIALS_REVOKED,
    "expired": Reason.CERTIFICATE_EXPIRED,
    "goodbye": Reason.AGENT_STOPPED,
}


class Ended(Exception):
    """The session must end, for this reason; without a code the peer is gone or said goodbye."""

    def __init__(self, code: str, say: str = "", *, retry_after_s: int | None = None) -> None:
        super().__init__(code)
        self.code, self.say = code, say
        self.retry_after_s = _RETRY_AFTER_S.get(code, 0) if retry_after_s is None else retry_after_s

    def message(self, now_ms: int) -> pb.Down:
        """The last message to the peer, with the reason; `now_ms` is the server's time."""
        code = self.code if self.code in _PUBLIC_CODES else "identity_refused"
        text = self.say if code == self.code else f"{self.code}: {self.say}"
        return pb.Down(reject=pb.Reject(code=code, message=text, retry_after_s=self.retry_after_s, server_time_ms=now_ms))


def why_over(code: str) -> str:
    """The text of the Reject that ends an open session."""
    return {rotations.RETIRED: rotations.RETIRED_SAY, "cluster_deleted": clusters.DELETED_SAY}.get(code, "this session has ended")


def why_unsupported(info: pb.AgentInfo) -> str:
    """The text of the Reject to an agent that does not speak this server's protocol: which of the two must be upgraded."""
    agent = f"this agent ({info.agent_version or 'unknown version'}) speaks protocol {info.protocol_min} to {info.protocol_max}"
    server = f"the server ({optral.__version__}) speaks protocol {frames.PROTOCOL}"
    if info.protocol_max < frames.PROTOCOL:
        return f"{agent} and {server}: the agent is too old; upgrade it to {optral.__version__}"
    return f"{agent} and {server}: the agent is too new; upgrade the server first, or install agent {optral.__version__}"


def close_reason(code: str) -> Reason | None:
    """Why a session that ended with this code counts as knowingly closed; None when the cluster must be judged by its silence."""
    return _CLOSES.get(code)
