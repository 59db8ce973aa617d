"""The cause graph: which of the ailments that stand now are symptoms of others. Pure; the server and `optral scan` call the same function."""

from collections.abc import Iterable
from datetime import datetime

from optral.detectors.ailments import Ailment, Arrangement
from optral.kube.view import ClusterView


def arrange(ailments: Iterable[Ailment], view: ClusterView, *, now: datetime) -> Arrangement:
    """Find for every ailment the root it comes from, if any. The same whatever the order of the ailments. Never raises.

    `now` and all times are the cluster's.
    """
    return Arrangement({})
