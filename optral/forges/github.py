"""GitHub, GitHub Enterprise Cloud with data residency, and GitHub Enterprise Server.

Source: GitHub REST API documentation and its OpenAPI description (github/rest-api-description), version 2022-11-28.
"""

from typing import Any
from urllib.parse import quote, urlsplit

from optral.forges.api import Commit, FileChange
from optral.forges.model import ForgeError, PullRequest, RepositoryFacts
from optral.forges.requests import Requests
from optral.kit.outbound import Caller

_PUBLIC = frozenset({"github.com", "www.github.com"})
_RESIDENT = ".ghe.com"
_NEEDS = "read and write access to Contents and to Pull requests of the repository (scope repo of a classic token)"


class GitHub:
    """`contents: write` and `pull requests: write` are what a fine-grained token needs."""

    needs = _NEEDS

    def __init__(self, caller: Caller, base_url: str, token: str) -> None:
        headers = {"accept": "application/vnd.github+json", "authorization": f"Bearer {token}", "x-github-api-version": "2022-11-28"}
        self._http = Requests(caller, api=_api(base_url), headers=headers, title="GitHub", needs=self.needs)

    async def account(self) -> str:
        return str((await self._http.get("/user")).get("login", ""))

    async def facts(self, repository: str) -> RepositoryFacts:
        found = await self._http.get(f"/repos/{repository}")
        may_push = bool((found.get("permissions") or {}).get("push", True))
        return RepositoryFacts(str(found.get("default_branch", "")), may_push, bool(found.get("archived")))

    async def head(self, repository: str, branch: str) -> str | None:
        found = await self._http.get_or_none(f"/repos/{repository}/git/ref/heads/{quote(branch)}")
        return None if found is None else str(found["object"]["sha"])

    async def archive(self, repository: str, commit: str) -> bytes:
        return await self._http.download(f"/repos/{repository}/tarball/{commit}")

    async def commit(self, repository: str, made: Commit) -> None:
        """The branch comes last: until then the new objects belong to none."""
        git = f"/repos/{repository}/git"
        base = await self._http.get(f"{git}/commits/{made.base_commit}")
        entries = [{"path": file.path, "mode": _mode(file), "type": "blob", "content": file.after} for file in made.files]
        tree = await self._http.send("POST", f"{git}/trees", {"base_tree": base["tree"]["sha"], "tree": entries})
        commit = {"message": made.message, "tree": tree["sha"], "parents": [made.base_commit]}
        written = await self._http.send("POST", f"{git}/commits", commit)
        await self._http.send("POST", f"{git}/refs", {"ref": f"refs/heads/{made.branch}", "sha": written["sha"]})

    async def find(self, repository: str, *, base: str, branch: str) -> PullRequest | None:
        head = f"{repository.partition('/')[0]}:{branch}"
        found = await self._http.get(f"/repos/{repository}/pulls", head=head, base=base, state="all")
        return _pull(found[0]) if found else None

    async def open(self, repository: str, *, base: str, branch: str, title: str, body: str) -> PullRequest:
        return _pull(
            await self._http.send("POST", f"/repos/{repository}/pulls", {"title": title, "body": body, "head": branch, "base": base})
        )

    async def look(self, repository: str, number: int) -> PullRequest:
        return _pull(await self._http.get(f"/repos/{repository}/pulls/{number}"))

    async def close(self, repository: str, number: int) -> None:
        await self._http.send("PATCH", f"/repos/{repository}/pulls/{number}", {"state": "closed"})

    async def contains(self, repository: str, *, revision: str, commit: str) -> bool:
        try:
            found = await self._http.get(f"/repos/{repository}/compare/{commit}...{revision}", per_page="1")
        except ForgeError as error:
            if error.code == "not_found":  # a revision that was not pushed here
                return False
            raise
        return found.get("status") in ("identical", "ahead")


def _mode(change: FileChange) -> str:
    """A tree of GitHub has to name it; other forges keep it."""
    return "100755" if change.is_executable else "100644"


def _api(base_url: str) -> str:
    host = (urlsplit(base_url).hostname or "").lower()
    if host in _PUBLIC:
        return "https://api.github.com"
    return f"https://api.{host}" if host.endswith(_RESIDENT) else f"{base_url}/api/v3"


def _pull(found: Any) -> PullRequest:
    """After a merge, `merge_commit_sha` is the merge commit, the squashed commit, or the one that a rebase left on the base branch; before,
    it is that of a test merge. `mergeable` is null while GitHub works it out, and only a single pull request has it."""
    is_merged = bool(found.get("merged") or found.get("merged_at"))
    return PullRequest(
        number=int(found["number"]),
        url=str(found.get("html_url", "")),
        is_open=found.get("state") == "open",
        is_merged=is_merged,
        merge_commit=str(found.get("merge_commit_sha") or "") if is_merged else "",
        has_conflicts=not is_merged and found.get("mergeable") is False,
    )
