"""What Optral does on a forge, whichever API it has."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from optral.forges.model import PullRequest, RepositoryFacts


class FileChange(NamedTuple):
    """A file as it was read from the base commit, and as it is to be. Its mode stays."""

    path: str
    before: str
    after: str
    is_executable: bool = False


class Commit(NamedTuple):
    """One commit on a new branch. `base_commit` is the one that the files were read from, the newest of the branch `base` then."""

    base: str
    base_commit: str
    branch: str
    message: str
    files: Sequence[FileChange]


class Api(Protocol):
    """One forge with one token. `repository` is its path, such as `shop/deploy`. Everything raises `ForgeError`.

    `needs` says what the token needs, in words that follow "it needs".
    """

    needs: str

    async def account(self) -> str:
        """The account whose token it is."""
        ...

    async def facts(self, repository: str) -> RepositoryFacts: ...

    async def head(self, repository: str, branch: str) -> str | None:
        """The newest commit of a branch; None for an unknown branch."""
        ...

    async def archive(self, repository: str, commit: str) -> bytes:
        """All files at a commit, as a gzipped tar with one folder around them."""
        ...

    async def commit(self, repository: str, made: Commit) -> None:
        """Create the branch with this commit: both or neither."""
        ...

    async def find(self, repository: str, *, base: str, branch: str) -> PullRequest | None:
        """The pull request from this branch, also one that was closed or merged."""
        ...

    async def open(self, repository: str, *, base: str, branch: str, title: str, body: str) -> PullRequest: ...

    async def look(self, repository: str, number: int) -> PullRequest: ...

    async def close(self, repository: str, number: int) -> None:
        """Close a pull request without merging it."""
        ...

    async def contains(self, repository: str, *, revision: str, commit: str) -> bool:
        """Whether the history of the revision contains the commit."""
        ...
