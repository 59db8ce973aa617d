"""A forge's API for its kind."""

from optral.forge.api import Api
from optral.forge.caller import Caller
from optral.forge.gitea import Gitea
from optral.forge.github import GitHub
from optral.forge.gitlab import GitLab
from optral.forge.model import Forge, Kind


def api_of(forge: Forge, token: str, caller: Caller) -> Api:
    """The API of this forge with its decrypted token."""
    of_kind: dict[Kind, type[GitHub | GitLab | Gitea]] = {Kind.GITHUB: GitHub, Kind.GITLAB: GitLab, Kind.GITEA: Gitea}
    return of_kind[forge.kind](caller, forge.url, token)
