"""A forge at the port of its caller: one repository in memory behind the addresses and JSON of GitHub, GitLab or Gitea.

Addresses and fields are those of their public API documentation (GitHub REST 2022-11-28, GitLab REST v4, the Swagger description of
Gitea), as far as Optral uses them.
"""

import base64
import gzip
import hashlib
import io
import json
import re
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from optral.forges.model import Kind
from optral.kit.outbound import CallFailed, Reply, Request

TOKEN = "example-token"
REPOSITORY = "shop/deploy"
BASES = {Kind.GITHUB: "https://github.com", Kind.GITLAB: "https://git.example.com", Kind.GITEA: "https://git.example.com"}
_APIS = {Kind.GITHUB: "https://api.github.com", Kind.GITLAB: "https://git.example.com/api/v4", Kind.GITEA: "https://git.example.com/api/v1"}


@dataclass
class Stored:
    """A commit: where it comes from, and all files at it."""

    parents: tuple[str, ...]
    files: dict[str, str]
    message: str = ""


@dataclass
class Pull:
    number: int
    base: str
    head: str
    title: str
    body: str
    state: str = "open"  # open, closed, merged
    merge_commit: str | None = None
    has_conflicts: bool = False


class Refusal(Exception):
    def __init__(self, status: int, said: str = "", **headers: str) -> None:
        super().__init__(said)
        self.status, self.said, self.headers = status, said, headers


@dataclass
class FakeForge:
    """`before` is called before a request takes effect, `after` once it has: what they raise is what the caller sees."""

    kind: Kind
    commits: dict[str, Stored] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    pulls: list[Pull] = field(default_factory=list)
    trees: dict[str, dict[str, str]] = field(default_factory=dict)
    may_push: bool = True
    is_archived: bool = False
    executables: set[str] = field(default_factory=set)
    unseen: int = 0
    """How many looks for a pull request still find nothing, as where a forge shows it a little later."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    before: Callable[[Request], None] = lambda _: None
    after: Callable[[Request], None] = lambda _: None

    # --- what people and tools do on it

    def write(self, branch: str, files: Mapping[str, str], *, message: str = "change") -> str:
        """A commit on a branch, as `git push` makes it."""
        parent = self.branches.get(branch)
        whole = {**(self.commits[parent].files if parent else {}), **files}
        self.branches[branch] = self._store(Stored((parent,) if parent else (), whole, message))
        return self.branches[branch]

    def merge(self, number: int, *, squash: bool = False) -> str:
        """Merge a pull request; the commit that is then the newest of its base branch."""
        pull = self.pulls[number - 1]
        base, head = self.branches[pull.base], self.branches[pull.head]
        parents = (base,) if squash else (base, head)
        merged = {**self.commits[base].files, **self._changed(head)}
        pull.merge_commit = self.branches[pull.base] = self._store(Stored(parents, merged, f"Merge #{number}"))
        pull.state = "merged"
        return pull.merge_commit

    def _changed(self, head: str) -> dict[str, str]:
        of = self.commits[head]
        before = self.commits[of.parents[0]].files if of.parents else {}
        return {path: text for path, text in of.files.items() if before.get(path) != text}

    def _store(self, made: Stored) -> str:
        text = json.dumps([made.parents, made.files, made.message, len(self.commits)], sort_keys=True)
        name = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        self.commits[name] = made
        return name

    def _contains(self, revision: str, commit: str) -> bool:
        todo = [revision]
        while todo:
            if (one := todo.pop()) == commit:
                return True
            todo += self.commits[one].parents
        return False

    # --- the port

    async def call(self, request: Request) -> Reply:
        self.asked.append((request.method, request.url))
        try:
            self.before(request)
            reply = self._answer(request)
            self.after(request)
        except Refusal as refusal:
            body = json.dumps({"message": refusal.said}).encode() if refusal.said else b""
            return Reply(refusal.status, refusal.headers, body)
        if len(reply.body) > request.most:
            raise CallFailed("too_large")
        return reply

    async def close(self) -> None: ...

    def _answer(self, request: Request) -> Reply:
        parts = urlsplit(request.url)
        if self.kind is Kind.GITHUB and parts.netloc == "codeload.github.com":
            assert "authorization" not in request.headers, "the token must not leave for another host"
            return Reply(200, {}, self._tar(parts.path.rpartition("/")[2]))
        assert request.url.startswith(_APIS[self.kind]), request.url
        self._authorize(request)
        path = request.url.removeprefix(_APIS[self.kind]).partition("?")[0]
        query = {name: values if name.endswith("[]") else values[0] for name, values in parse_qs(parts.query).items()}
        body = json.loads(request.body) if request.body else {}
        routes = {Kind.GITHUB: self._github, Kind.GITLAB: self._gitlab, Kind.GITEA: self._gitea}[self.kind]
        for method, pattern, handle in routes():
            found = re.fullmatch(pattern, path)
            if found is not None and method == request.method:
                given = handle(*map(unquote, found.groups()), query=query, body=body)
                return given if isinstance(given, Reply) else Reply(200, {"content-type": "application/json"}, json.dumps(given).encode())
        raise Refusal(404, "Not Found")

    def _authorize(self, request: Request) -> None:
        given = request.headers.get("private-token") or request.headers.get("authorization", "").rpartition(" ")[2]
        if given != TOKEN:
            raise Refusal(401, "Bad credentials")

    def _tar(self, commit: str) -> bytes:
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as tar:
            for path, text in self._commit(commit).files.items():
                data = text.encode()
                entry = tarfile.TarInfo(f"deploy-{commit}/{path}")
                entry.size, entry.mode = len(data), 0o755 if path in self.executables else 0o644
                tar.addfile(entry, io.BytesIO(data))
        return gzip.compress(out.getvalue())

    def _commit(self, name: str) -> Stored:
        if name not in self.commits:
            raise Refusal(404, "No commit found")
        return self.commits[name]

    def _branch(self, name: str) -> str:
        if name not in self.branches:
            raise Refusal(404, "Branch not found")
        return self.branches[name]

    def _new_branch(self, name: str, commit: str) -> None:
        self._check_push()
        if name in self.branches:
            raise Refusal(422, "Reference already exists")
        self.branches[name] = commit

    def _check_push(self) -> None:
        if self.is_archived:
            raise Refusal(403, "Repository was archived so is read-only.")
        if not self.may_push:
            raise Refusal(403, "Resource not accessible by personal access token")

    def _pull(self, number: str) -> Pull:
        if not 0 < int(number) <= len(self.pulls):
            raise Refusal(404, "Not Found")
        return self.pulls[int(number) - 1]

    def _open(self, base: str, head: str, title: str, body: str) -> Pull:
        self._check_push()
        self._branch(base)
        self._branch(head)
        if any((one.base, one.head, one.state) == (base, head, "open") for one in self.pulls):
            raise Refusal(409 if self.kind is not Kind.GITHUB else 422, "A pull request already exists")
        self.pulls.append(Pull(len(self.pulls) + 1, base, head, title, body))
        return self.pulls[-1]

    def _from(self, base: str, head: str) -> list[Pull]:
        if self.unseen:
            self.unseen -= 1
            return []
        return [one for one in reversed(self.pulls) if (one.base, one.head) == (base, head)]

    # --- GitHub

    def _github(self) -> list[tuple[str, str, Callable[..., Any]]]:
        repo = f"/repos/{REPOSITORY}"
        return [
            ("GET", "/user", lambda **_: {"login": "optral-bot"}),
            ("GET", repo, lambda **_: self._repository()),
            ("GET", f"{repo}/git/ref/heads/(.+)", lambda name, **_: {"ref": f"refs/heads/{name}", "object": {"sha": self._branch(name)}}),
            ("GET", f"{repo}/tarball/(.+)", self._github_tarball),
            ("GET", f"{repo}/git/commits/(.+)", lambda name, **_: {"sha": name, "tree": {"sha": self._tree(self._commit(name).files)}}),
            ("POST", f"{repo}/git/trees", self._github_tree),
            ("POST", f"{repo}/git/commits", self._github_commit),
            ("POST", f"{repo}/git/refs", self._github_ref),
            ("GET", f"{repo}/pulls", self._github_pulls),
            ("POST", f"{repo}/pulls", lambda body, **_: self._github_pull(self._open(*self._wanted(body)))),
            ("GET", rf"{repo}/pulls/(\d+)", lambda number, **_: self._github_pull(self._pull(number))),
            ("PATCH", rf"{repo}/pulls/(\d+)", self._patch),
            ("GET", rf"{repo}/compare/(\w+)\.\.\.(\w+)", self._github_compare),
        ]

    def _repository(self) -> dict[str, Any]:
        return {"default_branch": "main", "archived": self.is_archived, "permissions": {"pull": True, "push": self.may_push}}

    def _github_tarball(self, commit: str, **_: Any) -> Reply:
        self._commit(commit)
        return Reply(302, {"location": f"https://codeload.github.com/{REPOSITORY}/legacy.tar.gz/{commit}"}, b"")

    def _tree(self, files: dict[str, str]) -> str:
        name = hashlib.sha1(json.dumps(files, sort_keys=True).encode(), usedforsecurity=False).hexdigest()
        self.trees[name] = dict(files)
        return name

    def _github_tree(self, body: Mapping[str, Any], **_: Any) -> Any:
        self._check_push()
        changed = {one["path"]: one["content"] for one in body["tree"]}
        assert all(one["mode"] == ("100755" if one["path"] in self.executables else "100644") for one in body["tree"])
        assert all(one["type"] == "blob" for one in body["tree"])
        return {"sha": self._tree({**self.trees[body["base_tree"]], **changed})}

    def _github_commit(self, body: Mapping[str, Any], **_: Any) -> Any:
        return {"sha": self._store(Stored(tuple(body["parents"]), self.trees[body["tree"]], body["message"]))}

    def _github_ref(self, body: Mapping[str, Any], **_: Any) -> Any:
        assert body["ref"].startswith("refs/heads/")
        self._new_branch(body["ref"].removeprefix("refs/heads/"), body["sha"])
        return {"ref": body["ref"], "object": {"sha": body["sha"]}}

    def _github_pulls(self, query: Mapping[str, str], **_: Any) -> Any:
        assert query["state"] == "all"
        owner, _colon, head = query["head"].partition(":")
        assert owner == REPOSITORY.partition("/")[0]
        return [self._github_pull(one) for one in self._from(query["base"], head)]

    @staticmethod
    def _wanted(body: Mapping[str, str]) -> tuple[str, str, str, str]:
        return body["base"], body["head"], body["title"], body["body"]

    def _github_pull(self, one: Pull) -> dict[str, Any]:
        return {
            "number": one.number,
            "html_url": f"https://github.com/{REPOSITORY}/pull/{one.number}",
            "state": "open" if one.state == "open" else "closed",
            "merged": one.state == "merged",
            "merged_at": "2026-05-01T12:00:00Z" if one.state == "merged" else None,
            "merge_commit_sha": one.merge_commit or "0" * 40,  # before the merge: that of a test merge
            "mergeable": False if one.has_conflicts else None,  # null while GitHub works it out
        }

    def _patch(self, number: str, body: Mapping[str, str], **_: Any) -> Any:
        assert body == {"state": "closed"}
        one = self._pull(number)
        one.state = "closed" if one.state == "open" else one.state
        return self._gitea_pull(one) if self.kind is Kind.GITEA else self._github_pull(one)

    def _github_compare(self, base: str, head: str, **_: Any) -> Any:
        self._commit(base), self._commit(head)
        is_ahead, is_behind = self._contains(head, base), self._contains(base, head)
        return {"status": "identical" if base == head else "ahead" if is_ahead else "behind" if is_behind else "diverged"}

    # --- GitLab

    def _gitlab(self) -> list[tuple[str, str, Callable[..., Any]]]:
        project = f"/projects/{REPOSITORY.replace('/', '%2F')}"
        return [
            ("GET", "/user", lambda **_: {"username": "optral-bot"}),
            ("GET", project, self._gitlab_project),
            ("GET", f"{project}/repository/branches/([^/]+)", lambda name, **_: {"name": name, "commit": {"id": self._branch(name)}}),
            ("GET", rf"{project}/repository/archive\.tar\.gz", lambda query, **_: Reply(200, {}, self._tar(query["sha"]))),
            ("POST", f"{project}/repository/commits", self._gitlab_commit),
            ("GET", f"{project}/merge_requests", self._gitlab_requests),
            ("POST", f"{project}/merge_requests", self._gitlab_open),
            ("GET", rf"{project}/merge_requests/(\d+)", lambda number, **_: self._gitlab_request(self._pull(number))),
            ("PUT", rf"{project}/merge_requests/(\d+)", self._gitlab_close),
            ("GET", f"{project}/repository/merge_base", self._gitlab_base),
        ]

    def _gitlab_project(self, **_: Any) -> Any:
        level = 30 if self.may_push else 20
        permissions = {"project_access": {"access_level": level, "notification_level": 3}, "group_access": None}
        return {"default_branch": "main", "archived": self.is_archived, "permissions": permissions}

    def _gitlab_commit(self, body: Mapping[str, Any], **_: Any) -> Any:
        assert all(one["action"] == "update" for one in body["actions"])
        changed = {one["file_path"]: one["content"] for one in body["actions"]}
        start = self._commit(body["start_sha"])
        if missing := changed.keys() - start.files.keys():
            raise Refusal(400, f"A file with this name doesn't exist: {missing}")
        made = self._store(Stored((body["start_sha"],), {**start.files, **changed}, body["commit_message"]))
        self._new_branch(body["branch"], made)
        return {"id": made}

    def _gitlab_requests(self, query: Mapping[str, str], **_: Any) -> Any:
        assert query["state"] == "all"
        return [self._gitlab_request(one) for one in self._from(query["target_branch"], query["source_branch"])]

    def _gitlab_open(self, body: Mapping[str, Any], **_: Any) -> Any:
        return self._gitlab_request(self._open(body["target_branch"], body["source_branch"], body["title"], body["description"]))

    def _gitlab_request(self, one: Pull) -> dict[str, Any]:
        return {
            "id": 1000 + one.number,
            "iid": one.number,
            "web_url": f"https://git.example.com/{REPOSITORY}/-/merge_requests/{one.number}",
            "state": {"open": "opened"}.get(one.state, one.state),
            "sha": self.branches.get(one.head),
            "merge_commit_sha": one.merge_commit,
            "squash_commit_sha": None,
            "detailed_merge_status": "conflict" if one.has_conflicts else "checking" if one.state == "open" else "not_open",
            "has_conflicts": one.has_conflicts,
        }

    def _gitlab_close(self, number: str, body: Mapping[str, str], **_: Any) -> Any:
        assert body == {"state_event": "close"}
        one = self._pull(number)
        one.state = "closed" if one.state == "open" else one.state
        return self._gitlab_request(one)

    def _gitlab_base(self, query: Mapping[str, Any], **_: Any) -> Any:
        first, second = query["refs[]"]
        if first not in self.commits or second not in self.commits:
            raise Refusal(400, "Could not find ref")
        return {"id": first if self._contains(second, first) else second if self._contains(first, second) else "0" * 40}

    # --- Gitea

    def _gitea(self) -> list[tuple[str, str, Callable[..., Any]]]:
        repo = f"/repos/{REPOSITORY}"
        return [
            ("GET", "/user", lambda **_: {"login": "optral-bot"}),
            ("GET", repo, lambda **_: self._repository()),
            ("GET", f"{repo}/branches/(.+)", lambda name, **_: {"name": name, "commit": {"id": self._branch(name)}}),
            ("GET", rf"{repo}/archive/(\w+)\.tar\.gz", lambda commit, **_: Reply(200, {}, self._tar(commit))),
            ("POST", f"{repo}/contents", self._gitea_contents),
            ("GET", f"{repo}/pulls/([^/]+)/(.+)", self._gitea_find),
            ("POST", f"{repo}/pulls", lambda body, **_: self._gitea_pull(self._open(*self._wanted(body)))),
            ("GET", rf"{repo}/pulls/(\d+)", lambda number, **_: self._gitea_pull(self._pull(number))),
            ("PATCH", rf"{repo}/pulls/(\d+)", self._patch),
            ("GET", rf"{repo}/compare/(\w+)\.\.\.(\w+)", self._gitea_compare),
        ]

    def _gitea_contents(self, body: Mapping[str, Any], **_: Any) -> Any:
        base = self._branch(body["branch"])
        now = self.commits[base].files
        changed = {one["path"]: base64.b64decode(one["content"]).decode() for one in body["files"]}
        for one in body["files"]:
            data = now.get(one["path"], "").encode()
            blob = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
            if one["operation"] != "update" or one["sha"] != blob:
                raise Refusal(422, f"sha does not match [given: {one['sha']}, expected: {blob}]")
        self._new_branch(body["new_branch"], self._store(Stored((base,), {**now, **changed}, body["message"])))
        return {"commit": {"sha": self.branches[body["new_branch"]]}}

    def _gitea_find(self, base: str, head: str, **_: Any) -> Any:
        found = self._from(base, head)
        if not found:
            raise Refusal(404, "The target couldn't be found.")
        return self._gitea_pull(found[0])

    def _gitea_pull(self, one: Pull) -> dict[str, Any]:
        return {
            "number": one.number,
            "html_url": f"https://git.example.com/{REPOSITORY}/pulls/{one.number}",
            "state": "open" if one.state == "open" else "closed",
            "merged": one.state == "merged",
            "merge_commit_sha": one.merge_commit,
        }

    def _gitea_compare(self, base: str, head: str, **_: Any) -> Any:
        self._commit(base), self._commit(head)
        return {"total_commits": 0 if self._contains(base, head) else 1, "commits": []}
