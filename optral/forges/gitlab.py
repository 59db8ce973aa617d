"""GitLab. Source: GitLab REST API documentation, version 4: projects, commits, repositories and merge requests."""

from typing import Any

from optral.forges.api import Commit
from optral.forges.model import ForgeError, PullRequest, RepositoryFacts
from optral.forges.requests import Requests, quoted
from optral.kit.outbound import Caller

_DEVELOPER = 30  # the access level from which branches may be pushed
_NEEDS = "the role Developer in the project and the scope api"


class GitLab:
    """A project or group access token with the role Developer and the scope `api`."""

    needs = _NEEDS

    def __init__(self, caller: Caller, base_url: str, token: str) -> None:
        self._http = Requests(caller, api=f"{base_url}/api/v4", headers={"private-token": token}, title="GitLab", needs=self.needs)

    async def account(self) -> str:
        return str((await self._http.get("/user")).get("username", ""))

    async def facts(self, repository: str) -> RepositoryFacts:
        found = await self._http.get(_project(repository))
        levels = [
            permission.get("access_level", 0) for permission in (found.get("permissions") or {}).values() if isinstance(permission, dict)
        ]
        may_push = max(levels, default=_DEVELOPER) >= _DEVELOPER  # no level: an administrator, or a member by an invited group
        return RepositoryFacts(str(found.get("default_branch") or ""), may_push, bool(found.get("archived")))

    async def head(self, repository: str, branch: str) -> str | None:
        found = await self._http.get_or_none(f"{_project(repository)}/repository/branches/{quoted(branch)}")
        return None if found is None else str(found["commit"]["id"])

    async def archive(self, repository: str, commit: str) -> bytes:
        return await self._http.download(f"{_project(repository)}/repository/archive.tar.gz", sha=commit)

    async def commit(self, repository: str, made: Commit) -> None:
        body = {
            "branch": made.branch,
            "start_sha": made.base_commit,
            "commit_message": made.message,
            "actions": [{"action": "update", "file_path": file.path, "content": file.after} for file in made.files],
        }
        await self._http.send("POST", f"{_project(repository)}/repository/commits", body)

    async def find(self, repository: str, *, base: str, branch: str) -> PullRequest | None:
        path = f"{_project(repository)}/merge_requests"
        found = await self._http.get(path, source_branch=branch, target_branch=base, state="all")
        return _merge_request(found[0]) if found else None

    async def open(self, repository: str, *, base: str, branch: str, title: str, body: str) -> PullRequest:
        wanted = {"source_branch": branch, "target_branch": base, "title": title, "description": body, "remove_source_branch": True}
        return _merge_request(await self._http.send("POST", f"{_project(repository)}/merge_requests", wanted))

    async def look(self, repository: str, number: int) -> PullRequest:
        return _merge_request(await self._http.get(f"{_project(repository)}/merge_requests/{number}"))

    async def close(self, repository: str, number: int) -> None:
        await self._http.send("PUT", f"{_project(repository)}/merge_requests/{number}", {"state_event": "close"})

    async def contains(self, repository: str, *, revision: str, commit: str) -> bool:
        path = f"{_project(repository)}/repository/merge_base?refs[]={quoted(commit)}&refs[]={quoted(revision)}"
        try:
            found = await self._http.get_or_none(path)
        except ForgeError as error:
            if error.code == "refused_by_forge":  # a revision that was not pushed here
                return False
            raise
        return found is not None and found.get("id") == commit


def _project(repository: str) -> str:
    return f"/projects/{quoted(repository)}"


def _merge_request(found: Any) -> PullRequest:
    """A merge without a merge commit (fast-forward) leaves the squashed commit, or the head of the branch, on the base branch."""
    is_merged = found.get("state") == "merged"
    commit = found.get("merge_commit_sha") or found.get("squash_commit_sha") or found.get("sha") or ""
    return PullRequest(
        number=int(found["iid"]),
        url=str(found.get("web_url", "")),
        is_open=found.get("state") in ("opened", "locked"),
        is_merged=is_merged,
        merge_commit=str(commit) if is_merged else "",
        has_conflicts=found.get("state") == "opened"
        and (found.get("detailed_merge_status") == "conflict" or bool(found.get("has_conflicts"))),
    )
