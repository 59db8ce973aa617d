"""Connections as tests need them."""

from datetime import UTC, datetime
from typing import Any

from optral.forges.model import Forge, Kind


def forge_of(kind: Kind = Kind.GITEA, *, url: str = "https://git.example.com", **more: Any) -> Forge:
    noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
    given = {"name": "git", "repositories": ("shop/deploy",), "token": b"", "created_by": "usr_1", "created_at": noon, "updated_at": noon}
    return Forge(**{"id": "frg_1", "org_id": "org_1", "kind": kind, "url": url, **given, **more})
