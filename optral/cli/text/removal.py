"""What a removal of a member ends, in sentences: read before it is confirmed, and printed after it."""

from typing import Any

from optral.cli.base import output
from optral.kit.words import counted

_COUNTED = (("sessions", "sign-in session"), ("apiKeys", "API key"), ("invites", "pending invitation"), ("delegations", "delegation"))
_NAMED = (
    ("fleetTokens", "revokes the fleet tokens {}; the clusters they enrolled stay connected"),
    ("enrollmentTokens", "revokes the unused enrollment tokens for {}"),
    (
        "triggers",
        "blocks the triggers {}: signed triggers until you roll their secrets, the others until somebody who can run runbooks saves them",
    ),
    ("executions", "cancels the executions that wait for approval: {}"),
)
_LEFT = (
    ("webhooks", "keeps the webhooks {}, whose secrets the member has seen: roll them so that the member can no longer sign as Optral"),
    ("forges", "keeps the connections {}, whose tokens the member entered: replace them if they belong to the member"),
)


def lines(email: str, ends: dict[str, Any]) -> list[str]:
    """One sentence for each kind of what ends or goes on; what there is none of is left out."""
    numbers = [counted(ends[name], word) for name, word in _COUNTED if ends[name]]
    found = [f"ends {', '.join(numbers)}"] if numbers else []
    for name, sentence in (*_NAMED, *_LEFT):
        if several := [output.clean(one["name"]) for one in ends.get(name, ())]:
            found.append(sentence.format(", ".join(several)))
    return [f"Removing {output.clean(email)}:", *(f"  {one}" for one in found or ["ends the membership only"])]
