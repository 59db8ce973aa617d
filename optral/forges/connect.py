"""A forge's API for its kind."""

from optral.forges.api import Api
from optral.forges.gitea import Gitea
from optral.forges.github import GitHub
from optral.forges.gitlab import GitLab
from optral.forges.model import Forge, Kind
from optral.kit.outbound import Caller


def api_of(forge: Forge, token: str, caller: Caller) -> Api:
    """The API of this forge with its decrypted token."""
    of_kind: dict[Kind, type[GitHub | GitLab | Gitea]] = {Kind.GITHUB: GitHub, Kind.GITLAB: GitLab, Kind.GITEA: Gitea}
    return of_kind[forge.kind](caller, forge.url, token)
