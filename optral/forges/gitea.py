"""Gitea and Forgejo. Source: the Swagger description that every Gitea serves, version 1.22 and newer."""

import base64
import hashlib
from typing import Any
from urllib.parse import quote

from optral.forges.api import Commit
from optral.forges.model import ForgeError, PullRequest, RepositoryFacts
from optral.forges.requests import Requests, quoted
from optral.kit.outbound import Caller

_NEEDS = "the scopes write:repository and read:user, and an account that may push to the repository"


class Gitea:
    """A token with the scopes `write:repository` and `read:user`."""

    needs = _NEEDS

    def __init__(self, caller: Caller, base_url: str, token: str) -> None:
        self._http = Requests(
            caller, api=f"{base_url}/api/v1", headers={"authorization": f"token {token}"}, title="Gitea", needs=self.needs
        )

    async def account(self) -> str:
        return str((await self._http.get("/user")).get("login", ""))

    async def facts(self, repository: str) -> RepositoryFacts:
        found = await self._http.get(f"/repos/{repository}")
        may_push = bool((found.get("permissions") or {}).get("push"))
        return RepositoryFacts(str(found.get("default_branch", "")), may_push, bool(found.get("archived")))

    async def head(self, repository: str, branch: str) -> str | None:
        found = await self._http.get_or_none(f"/repos/{repository}/branches/{quote(branch)}")
        return None if found is None else str(found["commit"]["id"])

    async def archive(self, repository: str, commit: str) -> bytes:
        return await self._http.download(f"/repos/{repository}/archive/{commit}.tar.gz")

    async def commit(self, repository: str, made: Commit) -> None:
        """Each file is bound to the blob that was read: one that has changed since is refused."""
        files = [
            {
                "operation": "update",
                "path": file.path,
                "sha": _blob(file.before),
                "content": base64.b64encode(file.after.encode()).decode(),
            }
            for file in made.files
        ]
        body = {"branch": made.base, "new_branch": made.branch, "message": made.message, "files": files}
        await self._http.send("POST", f"/repos/{repository}/contents", body)

    async def find(self, repository: str, *, base: str, branch: str) -> PullRequest | None:
        found = await self._http.get_or_none(f"/repos/{repository}/pulls/{quoted(base)}/{quote(branch)}")
        return None if found is None else _pull(found)

    async def open(self, repository: str, *, base: str, branch: str, title: str, body: str) -> PullRequest:
        return _pull(
            await self._http.send("POST", f"/repos/{repository}/pulls", {"title": title, "body": body, "head": branch, "base": base})
        )

    async def look(self, repository: str, number: int) -> PullRequest:
        return _pull(await self._http.get(f"/repos/{repository}/pulls/{number}"))

    async def close(self, repository: str, number: int) -> None:
        await self._http.send("PATCH", f"/repos/{repository}/pulls/{number}", {"state": "closed"})

    async def contains(self, repository: str, *, revision: str, commit: str) -> bool:
        """Nothing of the commit is missing from the revision."""
        try:
            found = await self._http.get(f"/repos/{repository}/compare/{revision}...{commit}")
        except ForgeError as error:
            if error.code == "not_found":  # a revision that was not pushed here
                return False
            raise
        return int(found.get("total_commits", -1)) == 0


def _blob(text: str) -> str:
    """The id that Git gives to a file with this content."""
    data = text.encode()
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _pull(found: Any) -> PullRequest:
    is_merged = bool(found.get("merged"))
    return PullRequest(
        number=int(found["number"]),
        url=str(found.get("html_url", "")),
        is_open=found.get("state") == "open",
        is_merged=is_merged,
        merge_commit=str(found.get("merge_commit_sha") or "") if is_merged else "",
    )
