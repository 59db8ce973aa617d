"""Reports that the agent makes itself, on their way into the stream: what changed since the sink was fed last."""

from collections.abc import Mapping

from optral.kube.kinds import Kind
from optral.kubeapi.reflector import RawObject, Sink


async def feed(
    kind: Kind, sink: Sink, current: Mapping[str, RawObject], known: Mapping[str, RawObject] | None, *, version: str
) -> Mapping[str, RawObject]:
    """Bring a sink from what it knows (None: nothing, so a whole inventory) to the current reports by uid, which are returned."""
    if known is None:
        sink.begin(kind)
        for seen in current.values():
            await sink.room(kind)
            sink.upsert(kind, seen)
        sink.end(kind, version)
        return current
    for uid, seen in current.items():
        if uid not in known or known[uid].resource_version != seen.resource_version:
            sink.upsert(kind, seen)
    for uid, seen in known.items():
        if uid not in current:
            sink.delete(kind, seen)
    return current
