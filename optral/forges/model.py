"""Connections to a forge and pull requests as values, and the rules about them. Pure.

A connection belongs to one organization. It names the repositories in which Optral may open pull requests; its token rests sealed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from yarl import URL

from optral.kit import guard
from optral.kit.mappings import without_none
from optral.terms.errors import Invalid

MAX_FORGES = 20  # of one organization
MAX_REPOSITORIES = 100  # of one connection
MAX_PATCH_BYTES = 64 * 1024
LEASE = timedelta(seconds=180)  # a worker that died is replaced after this
HANDLE_S = 120.0  # for one look at a pull request, with every request to the forge; less than the lease
OPEN_WITHIN = timedelta(hours=1)
MERGE_WITHIN = timedelta(days=14)
SYNC_WITHIN = timedelta(hours=24)
POLL_EVERY = timedelta(seconds=30)
SYNC_EVERY = timedelta(seconds=5)  # a look into the inventory
WAKE_EVERY = timedelta(seconds=2)  # looks at one pull request for webhooks, however many come
RETRY_AFTER = (timedelta(seconds=10), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=5))
"""After the first failures on end of a forge; then always the last of these."""
DEFAULT_PREFIX = "optral/"
_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*/(?:[A-Za-z0-9_.-]+|\*)")
_PREFIX = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]{0,39}")
_URL = re.compile(r"https?://[^\s/?#@\\]+(?:/[A-Za-z0-9_.~/-]*)?", re.ASCII)
_SSH = re.compile(r"(?:[\w.-]+@)?(?P<host>[\w.-]+):(?P<path>[^/].*)")


class Kind(StrEnum):
    """Which API the forge has. Forgejo has that of Gitea."""

    GITHUB = "github"
    GITLAB = "gitlab"
    GITEA = "gitea"

    @property
    def called(self) -> str:
        return {"github": "GitHub", "gitlab": "GitLab", "gitea": "Gitea"}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgeSettings:
    """What people set of a connection, beside its token. `url` is that of the forge's web page, without a slash at its end."""

    name: str
    kind: Kind
    url: str
    repositories: tuple[str, ...]
    branch_prefix: str = DEFAULT_PREFIX


S = TypeVar("S", bound=ForgeSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forge(ForgeSettings):
    """One connection. `token` and `secret` are sealed; `secret` signs the webhooks of the forge, and is None until one was made."""

    id: str
    org_id: str
    token: bytes = field(repr=False)
    secret: bytes | None = field(default=None, repr=False)
    created_by: str
    created_at: datetime
    updated_at: datetime
    revision: int = 1

    def allows(self, repository: str) -> bool:
        """Whether pull requests may be opened in it. `shop/*` allows all of a group, also those of its subgroups."""
        wanted = repository.lower()
        return any(wanted.startswith(one[:-1].lower()) if one.endswith("/*") else wanted == one.lower() for one in self.repositories)

    def repository_of(self, address: str) -> str | None:
        """The path of a repository on this forge, such as `shop/deploy`, from an address that Git clones; None if it is elsewhere."""
        host, path = _host_and_path(address)
        base = urlsplit(self.url)
        if host != (base.hostname or "").lower():
            return None
        prefix = base.path.strip("/")
        if prefix and not path.startswith(prefix + "/") and "://" in address and not address.startswith("ssh:"):
            return None
        found = path.removeprefix(prefix + "/") if prefix else path
        return found if _REPOSITORY.fullmatch(found) and "*" not in found else None


def _host_and_path(address: str) -> tuple[str, str]:
    if "://" in address:
        try:
            parts = urlsplit(address)
            host, path = parts.hostname or "", parts.path
        except ValueError:
            return "", ""
    elif (found := _SSH.fullmatch(address)) is not None:
        host, path = found["host"], found["path"]
    else:
        return "", ""
    return host.lower(), path.strip("/").removesuffix(".git")


def checked(given: S) -> S:
    """The settings with the address without a slash at its end, and each repository once. Raises `Invalid`.

    Whether the address may be called is judged at each call.
    """
    return replace(
        given,
        url=_checked_url(given.url),
        repositories=_checked_repositories(given.repositories),
        branch_prefix=_checked_prefix(given.branch_prefix),
    )


def _checked_url(url: str) -> str:
    try:
        is_good = len(url) <= 500 and bool(_URL.fullmatch(url)) and urlsplit(url).port != 0
        host = URL(url).raw_host or ""
    except ValueError:
        is_good, host = False, ""
    if not is_good or guard.is_short_number(host):
        say = "give the address of the forge's web page without user, query and fragment, such as https://git.example.com"
        raise _invalid("url", "invalid_forge_url", say)
    return url.rstrip("/")


def _checked_repositories(given: Sequence[str]) -> tuple[str, ...]:
    for number, one in enumerate(given):
        if len(one) > 255 or not _REPOSITORY.fullmatch(one) or ".." in one:
            say = f"{one[:100]!r} is no repository; write owner/name, or owner/* for all of an owner or a group"
            raise _invalid(f"repositories.{number}", "invalid_repository", say)
    return tuple(dict.fromkeys(given))


def _checked_prefix(given: str) -> str:
    if not _PREFIX.fullmatch(given) or ".." in given or "//" in given or given.endswith("."):
        say = "begin with a letter or a digit, then letters, digits and . _ - /, at most 40 characters, such as optral/"
        raise _invalid("branchPrefix", "invalid_branch_prefix", say)
    return given


def _invalid(field_name: str, code: str, say: str) -> Invalid:
    return Invalid(code, say=say, errors=[{"field": field_name, "code": code, "message": say}])


class ForgeError(Exception):
    """A forge did not do what it was asked. `code` is stable; `say` is for people; `is_lasting`: the same again fares no better.

    `retry_after_s`: how long the forge asks to wait. `status`: that of its answer, if it answered.
    """

    def __init__(
        self, code: str, say: str, *, is_lasting: bool = True, retry_after_s: float | None = None, status: int | None = None
    ) -> None:
        super().__init__(say)
        self.code, self.say, self.is_lasting, self.retry_after_s, self.status = code, say, is_lasting, retry_after_s, status


class RepositoryFacts(NamedTuple):
    """What a forge says of a repository that the token can see. `may_push` is true where it does not say."""

    default_branch: str
    may_push: bool
    is_archived: bool


class State(StrEnum):
    """How far a pull request is. `CLOSING`: the execution has ended, and the pull request is closed next; `LEFT_OPEN`: it stays open."""

    OPENING = "opening"
    OPEN = "open"
    MERGED = "merged"
    SYNCED = "synced"
    CLOSED = "closed"
    FAILED = "failed"
    CLOSING = "closing"
    LEFT_OPEN = "leftOpen"

    @property
    def is_final(self) -> bool:
        return self in (State.SYNCED, State.CLOSED, State.FAILED, State.LEFT_OPEN)


class PullRequest(NamedTuple):
    """A pull request as its forge reports it. `merge_commit` is the commit on the base branch that contains the change, once merged.

    `has_conflicts`: nobody can merge it as it is.
    """

    number: int
    url: str
    is_open: bool
    is_merged: bool
    merge_commit: str = ""
    has_conflicts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The pull request of one execution.

    `keepers` are the resources that say what was applied (kind, namespace, name). `patch` is what it changes. `message` says what it waits
    for, or why it failed. `failures` counts those on end of the forge.
    """

    id: str
    org_id: str
    execution_id: str
    cluster_id: str
    forge_id: str
    repository: str
    folder: str
    base: str
    branch: str
    keepers: Sequence[Mapping[str, str]]
    state: State = State.OPENING
    number: int | None = None
    url: str | None = None
    patch: str | None = None
    notes: Sequence[str] = ()
    merge_commit: str | None = None
    applied_revision: str | None = None
    code: str | None = None
    message: str | None = None
    failures: int = 0
    due_at: datetime | None
    expires_at: datetime
    created_at: datetime
    updated_at: datetime
    merged_at: datetime | None = None
    ended_at: datetime | None = None

    def plain(self) -> dict[str, Any]:
        """For people: only what is known."""
        shown = {
            "state": self.state.value,
            "repository": self.repository,
            "base": self.base or None,
            "branch": self.branch,
            "number": self.number,
            "url": self.url,
            "patch": self.patch,
            "notes": list(self.notes) or None,
            "mergeCommit": self.merge_commit,
            "appliedRevision": self.applied_revision,
            "code": self.code,
            "message": self.message,
            "expiresAt": None if self.state.is_final else self.expires_at,
            "mergedAt": self.merged_at,
        }
        return without_none(shown)


def retry_after(failures: int) -> timedelta:
    """How long to wait after so many failures on end (at least one)."""
    return RETRY_AFTER[min(failures, len(RETRY_AFTER)) - 1]
