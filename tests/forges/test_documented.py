"""Answers as the forges document them: what they mean, how long to wait, which permission is missing.

GitHub: the OpenAPI description of its REST API (2022-11-28) and "Rate limits for the REST API"; GitLab: REST API documentation.
"""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from optral.forges.api import Api
from optral.forges.connect import api_of
from optral.forges.model import ForgeError, Kind
from optral.kit.outbound import Reply, Request
from tests.forges.values import forge_of

DATE = "Sun, 01 Nov 2026 12:00:00 GMT"
NOW = 1793534400  # the same in seconds


class Answers:
    """A forge that answers every request the same, and keeps what it was asked."""

    def __init__(self, status: int, body: Any, **headers: str) -> None:
        self.reply = Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, json.dumps(body).encode())
        self.asked: list[Request] = []

    async def call(self, request: Request) -> Reply:
        self.asked.append(request)
        return self.reply

    async def close(self) -> None: ...


def api(kind: Kind, answers: Answers, url: str = "https://git.example.com") -> Api:
    return api_of(forge_of(kind, url=url), "example-token", answers)


async def refused(kind: Kind, status: int, body: Any, **headers: str) -> ForgeError:
    with pytest.raises(ForgeError) as error:
        await api(kind, Answers(status, body, **headers)).look("shop/deploy", 1)
    return error.value


# --- addresses


@pytest.mark.parametrize(
    ("kind", "url", "asked"),
    [
        (Kind.GITHUB, "https://github.com", "https://api.github.com/repos/shop/deploy"),
        (Kind.GITHUB, "https://www.github.com", "https://api.github.com/repos/shop/deploy"),
        (Kind.GITHUB, "https://octo.ghe.com", "https://api.octo.ghe.com/repos/shop/deploy"),
        (Kind.GITHUB, "https://git.example.com", "https://git.example.com/api/v3/repos/shop/deploy"),
        (Kind.GITHUB, "https://notghe.com", "https://notghe.com/api/v3/repos/shop/deploy"),
        (Kind.GITLAB, "https://gitlab.com", "https://gitlab.com/api/v4/projects/shop%2Fdeploy"),
        (Kind.GITLAB, "https://example.com/gitlab", "https://example.com/gitlab/api/v4/projects/shop%2Fdeploy"),
        (Kind.GITEA, "https://example.com/git", "https://example.com/git/api/v1/repos/shop/deploy"),
    ],
)
async def test_the_address_of_the_api(kind: Kind, url: str, asked: str) -> None:
    answers = Answers(200, {"default_branch": "main"})
    await api(kind, answers, url).facts("shop/deploy")
    assert answers.asked[0].url == asked


async def test_a_project_in_a_subgroup_is_one_part_of_the_path() -> None:
    answers = Answers(200, {"default_branch": "main"})
    await api(Kind.GITLAB, answers).facts("shop/team/deploy")
    assert answers.asked[0].url.endswith("/projects/shop%2Fteam%2Fdeploy")
    forge = forge_of(Kind.GITLAB, url="https://example.com/gitlab")
    assert forge.repository_of("https://example.com/gitlab/shop/team/deploy.git") == "shop/team/deploy"
    assert forge.repository_of("git@example.com:shop/team/deploy.git") == "shop/team/deploy"


# --- who may push


@pytest.mark.parametrize(
    ("kind", "found", "may_push"),
    [
        (Kind.GITHUB, {"permissions": {"pull": True, "push": False}}, False),
        (Kind.GITHUB, {"permissions": {"pull": True, "push": True}}, True),
        (Kind.GITHUB, {}, True),  # not said: the forge decides
        (Kind.GITLAB, {"permissions": {"project_access": {"access_level": 20}, "group_access": None}}, False),
        (Kind.GITLAB, {"permissions": {"project_access": None, "group_access": {"access_level": 40}}}, True),
        (Kind.GITLAB, {"permissions": {"project_access": None, "group_access": None}}, True),  # an invited group, or an administrator
    ],
)
async def test_who_may_push(kind: Kind, found: Mapping[str, Any], may_push: bool) -> None:
    facts = await api(kind, Answers(200, {"default_branch": "main", **found})).facts("shop/deploy")
    assert facts.may_push is may_push


# --- what a merge leaves

MERGED = {"iid": 1, "state": "merged", "web_url": "https://git.example.com/1"}


@pytest.mark.parametrize(
    ("found", "commit"),
    [
        pytest.param({"merge_commit_sha": "a1", "squash_commit_sha": None, "sha": "c3"}, "a1", id="a merge commit"),
        pytest.param({"merge_commit_sha": "a1", "squash_commit_sha": "b2", "sha": "c3"}, "a1", id="squashed, then merged"),
        pytest.param({"merge_commit_sha": None, "squash_commit_sha": "b2", "sha": "c3"}, "b2", id="squashed, fast-forward"),
        pytest.param({"merge_commit_sha": None, "squash_commit_sha": None, "sha": "c3"}, "c3", id="fast-forward"),
    ],
)
async def test_the_commit_that_a_merge_request_leaves_on_the_base_branch(found: Mapping[str, Any], commit: str) -> None:
    seen = await api(Kind.GITLAB, Answers(200, {**MERGED, **found})).look("shop/deploy", 1)
    assert (seen.is_merged, seen.is_open, seen.merge_commit) == (True, False, commit)


@pytest.mark.parametrize(
    ("found", "merged", "commit"),
    [
        ({"state": "closed", "merged": True, "merge_commit_sha": "a1"}, True, "a1"),
        ({"state": "closed", "merged": False, "merged_at": None, "merge_commit_sha": "a1"}, False, ""),  # that of a test merge
        ({"state": "closed", "merged_at": "2026-05-01T12:00:00Z", "merge_commit_sha": "a1"}, True, "a1"),  # in a list
        ({"state": "open", "merged": False, "merge_commit_sha": "a1", "mergeable": True}, False, ""),
    ],
)
async def test_a_pull_request_that_was_closed_is_not_merged(found: Mapping[str, Any], merged: bool, commit: str) -> None:
    seen = await api(Kind.GITHUB, Answers(200, {"number": 1, "html_url": "https://github.com/1", **found})).look("shop/deploy", 1)
    assert (seen.is_merged, seen.is_open, seen.merge_commit) == (merged, found["state"] == "open", commit)


@pytest.mark.parametrize("state", ["opened", "locked"])
async def test_a_merge_request_that_is_being_merged_is_open(state: str) -> None:
    seen = await api(Kind.GITLAB, Answers(200, {**MERGED, "state": state, "detailed_merge_status": "ci_must_pass"})).look("shop/deploy", 1)
    assert (seen.is_open, seen.is_merged, seen.has_conflicts) == (True, False, False)


# --- what is missing, in the words of the forge

SCOPE = {"error": "insufficient_scope", "error_description": "The request requires higher privileges than provided", "scope": "api"}
MISSING: dict[str, tuple[Kind, int, Any, dict[str, str], str]] = {
    "a permission of a fine-grained token": (
        Kind.GITHUB, 403, {"message": "Resource not accessible by personal access token"},
        {"x_accepted_github_permissions": "contents=write"},
        "does not permit this to the token: Resource not accessible by personal access token; this request needs contents=write",
    ),
    "a scope of a classic token": (
        Kind.GITHUB, 403, {"message": "Must have admin rights"}, {"x_accepted_oauth_scopes": "repo"}, "this request needs repo",
    ),
    "a permission that GitHub does not name": (
        Kind.GITHUB, 403, {"message": "Forbidden"}, {}, "it needs read and write access to Contents and to Pull requests",
    ),
    "a repository that the token cannot see": (
        Kind.GITHUB, 404, {"message": "Not Found"}, {},
        "check the name of the repository, and that the token has read and write access to C",
    ),
    "a scope of a token of GitLab": (Kind.GITLAB, 403, SCOPE, {}, "this request needs the scope api"),
    "a protected branch of GitLab": (
        Kind.GITLAB, 403, {"message": "403 Forbidden - You are not allowed to push into this branch"}, {},
        "You are not allowed to push into this branch; it needs the role Developer in the project and the scope api",
    ),
    "a project that the token cannot see": (Kind.GITLAB, 404, {"message": "404 Project Not Found"}, {}, "has the role Developer in the"),
    "a scope of a token of Gitea": (
        Kind.GITEA, 403, {"message": "token does not have at least one of required scope(s): [write:repository]"}, {},
        r"required scope\(s\): \[write:repository\]; it needs the scopes write:repository and read:user",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MISSING)
async def test_a_missing_permission_is_named(name: str) -> None:
    kind, status, body, headers, say = MISSING[name]
    error = await refused(kind, status, body, **headers)
    assert error.is_lasting
    with pytest.raises(ForgeError, match=say):
        raise error


@pytest.mark.parametrize(
    ("kind", "body", "say"),
    [
        (
            Kind.GITHUB,
            {"message": "Validation Failed", "errors": [{"resource": "PullRequest", "code": "custom", "message": "A pull request exists"}]},
            "refuses this: Validation Failed; A pull request exists",
        ),
        (Kind.GITLAB, {"message": ["Another open merge request already exists: !5"]}, "Another open merge request already exists: !5"),
        (Kind.GITLAB, {"message": {"base": ["is behind"], "title": ["is too long", "is odd"]}}, "is behind; title is too long is odd"),
        (Kind.GITLAB, {"error": "branch is missing"}, "refuses this: branch is missing"),
    ],
)
async def test_a_refusal_says_why(kind: Kind, body: Any, say: str) -> None:
    error = await refused(kind, 422, body)
    assert error.code == "refused_by_forge" and say in error.say


# --- how long to wait

LIMIT = {"message": "API rate limit exceeded"}
WAITS: dict[str, tuple[Kind, int, Any, dict[str, str], float]] = {
    "GitHub says for how long": (Kind.GITHUB, 403, LIMIT, {"retry_after": "120"}, 120),
    "GitHub says until when": (
        Kind.GITHUB, 403, LIMIT, {"date": DATE, "x_ratelimit_remaining": "0", "x_ratelimit_reset": str(NOW + 300)}, 300,
    ),
    "GitHub says 429": (Kind.GITHUB, 429, LIMIT, {"date": DATE, "x_ratelimit_remaining": "0", "x_ratelimit_reset": str(NOW + 30)}, 30),
    "a secondary limit is not the one with a reset": (
        Kind.GITHUB, 403, {"message": "You have exceeded a secondary rate limit."},
        {"date": DATE, "x_ratelimit_remaining": "4999", "x_ratelimit_reset": str(NOW + 3000)}, 60,
    ),
    "nothing is said": (Kind.GITHUB, 403, {"message": "You have exceeded a secondary rate limit."}, {}, 60),
    "the reset has passed": (Kind.GITHUB, 403, LIMIT, {"date": DATE, "x_ratelimit_remaining": "0", "x_ratelimit_reset": str(NOW - 5)}, 1),
    "never longer than an hour": (Kind.GITHUB, 403, LIMIT, {"retry_after": "86400"}, 3600),
    "no number": (Kind.GITHUB, 429, LIMIT, {"retry_after": DATE}, 60),
    "GitLab says for how long": (Kind.GITLAB, 429, {"message": "Retry later"}, {"retry_after": "30"}, 30),
    "GitLab says until when": (Kind.GITLAB, 429, {}, {"date": DATE, "ratelimit_reset": str(NOW + 45)}, 45),
}  # fmt: skip


@pytest.mark.parametrize("name", WAITS)
async def test_a_limit_is_waited_for_as_long_as_the_forge_asks(name: str) -> None:
    kind, status, body, headers, wait_s = WAITS[name]
    error = await refused(kind, status, body, **headers)
    assert (error.code, error.is_lasting, error.retry_after_s) == ("rate_limited", False, wait_s)
    assert f"next request in {wait_s} seconds" in error.say


async def test_a_forge_under_maintenance_may_say_how_long() -> None:
    error = await refused(Kind.GITLAB, 503, {}, retry_after="120")
    assert (error.code, error.is_lasting, error.retry_after_s) == ("forge_unreachable", False, 120)
    assert (await refused(Kind.GITLAB, 503, {})).retry_after_s is None
