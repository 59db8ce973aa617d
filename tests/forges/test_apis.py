"""One contract for three APIs: what Optral does on a forge has the same outcome on GitHub, GitLab and Gitea."""

import io
import tarfile

import pytest

from optral.forges.api import Api, Commit, FileChange
from optral.forges.connect import api_of
from optral.forges.model import ForgeError, Kind
from optral.kit.outbound import CallFailed, Reply, Request
from tests.forges.fakes import BASES, REPOSITORY, TOKEN, FakeForge, Refusal
from tests.forges.values import forge_of

PATH, BEFORE, AFTER = "overlays/prod/memory.yaml", "memory: 128Mi\n", "memory: 256Mi\n"
BRANCH = "optral/exe_1"


@pytest.fixture(params=list(Kind), ids=lambda kind: kind.value)
def forge(request: pytest.FixtureRequest) -> FakeForge:
    made = FakeForge(request.param)
    made.write("main", {PATH: BEFORE, "README.md": "deploy\n"})
    return made


def api(forge: FakeForge, token: str = TOKEN) -> Api:
    return api_of(forge_of(forge.kind, url=BASES[forge.kind]), token, forge)


async def commit(forge: FakeForge, *, branch: str = BRANCH) -> None:
    base = await api(forge).head(REPOSITORY, "main")
    assert base is not None
    change = FileChange(PATH, BEFORE, AFTER)
    await api(forge).commit(REPOSITORY, Commit("main", base, branch, "Raise the memory limit", [change]))


async def pull(forge: FakeForge) -> int:
    await commit(forge)
    made = await api(forge).open(REPOSITORY, base="main", branch=BRANCH, title="Raise it", body="because")
    return made.number


async def test_the_account_and_the_rights_of_the_token_are_known(forge: FakeForge) -> None:
    assert await api(forge).account() == "optral-bot"
    assert await api(forge).facts(REPOSITORY) == ("main", True, False)
    forge.may_push = False
    assert not (await api(forge).facts(REPOSITORY)).may_push


async def test_a_branch_that_does_not_exist_has_no_commit(forge: FakeForge) -> None:
    assert await api(forge).head(REPOSITORY, "main") == forge.branches["main"]
    assert await api(forge).head(REPOSITORY, "release/1.2") is None
    commit = forge.write("release/1.2", {PATH: BEFORE})
    assert await api(forge).head(REPOSITORY, "release/1.2") == commit


async def test_all_files_at_a_commit_come_as_one_archive(forge: FakeForge) -> None:
    at = forge.branches["main"]
    forge.write("main", {PATH: AFTER})
    with tarfile.open(fileobj=io.BytesIO(await api(forge).archive(REPOSITORY, at))) as tar:
        found = {one.name.partition("/")[2]: tar.extractfile(one) for one in tar if one.isfile()}
        assert {name: file.read().decode() for name, file in found.items() if file} == {PATH: BEFORE, "README.md": "deploy\n"}


async def test_a_commit_makes_a_branch_and_leaves_the_base_branch_alone(forge: FakeForge) -> None:
    before = forge.branches["main"]
    await commit(forge)
    made = forge.commits[forge.branches[BRANCH]]
    assert made.parents == (before,) and made.message == "Raise the memory limit"
    assert made.files == {PATH: AFTER, "README.md": "deploy\n"} and forge.branches["main"] == before


async def test_a_branch_that_exists_is_not_moved(forge: FakeForge) -> None:
    await commit(forge)
    before = forge.branches[BRANCH]
    with pytest.raises(ForgeError) as error:
        await commit(forge)
    assert error.value.code == "refused_by_forge" and error.value.is_lasting and forge.branches[BRANCH] == before


async def test_a_pull_request_is_found_by_its_branch_whatever_its_state(forge: FakeForge) -> None:
    assert await api(forge).find(REPOSITORY, base="main", branch=BRANCH) is None
    number = await pull(forge)
    found = await api(forge).find(REPOSITORY, base="main", branch=BRANCH)
    assert found is not None and (found.number, found.is_open, found.is_merged, found.merge_commit) == (number, True, False, "")
    assert found.url.endswith(f"/{number}")
    await api(forge).close(REPOSITORY, number)
    closed = await api(forge).find(REPOSITORY, base="main", branch=BRANCH)
    assert closed is not None and (closed.number, closed.is_open, closed.is_merged) == (number, False, False)


@pytest.mark.parametrize("squash", [False, True])
async def test_a_merge_names_the_commit_on_the_base_branch(forge: FakeForge, squash: bool) -> None:
    number = await pull(forge)
    merged = forge.merge(number, squash=squash)
    seen = await api(forge).look(REPOSITORY, number)
    assert seen.is_merged and not seen.is_open and seen.merge_commit == merged


async def test_conflicts_are_seen_and_gone_with_the_merge(forge: FakeForge) -> None:
    number = await pull(forge)
    assert not (await api(forge).look(REPOSITORY, number)).has_conflicts
    forge.pulls[0].has_conflicts = True
    assert (await api(forge).look(REPOSITORY, number)).has_conflicts is (forge.kind is not Kind.GITEA), "Gitea says so while it checks, too"
    forge.merge(number)
    assert not (await api(forge).look(REPOSITORY, number)).has_conflicts


async def test_closing_what_was_merged_changes_nothing(forge: FakeForge) -> None:
    number = await pull(forge)
    forge.merge(number)
    await api(forge).close(REPOSITORY, number)
    assert (await api(forge).look(REPOSITORY, number)).is_merged


async def test_a_revision_contains_what_its_history_holds(forge: FakeForge) -> None:
    old = forge.branches["main"]
    merged = forge.merge(await pull(forge))
    later = forge.write("main", {"README.md": "more\n"})
    other = forge.write("elsewhere", {"README.md": "other\n"})

    async def contains(revision: str) -> bool:
        return await api(forge).contains(REPOSITORY, revision=revision, commit=merged)

    assert [await contains(one) for one in (merged, later, old, other, "f" * 40)] == [True, True, False, False, False]


# --- what goes wrong, in plain words


async def test_a_token_that_is_refused_is_said_to_be(forge: FakeForge) -> None:
    with pytest.raises(ForgeError, match="does not accept the token") as error:
        await api(forge, "another-token").account()
    assert error.value.code == "token_refused" and error.value.is_lasting


async def test_a_missing_right_is_named_with_what_the_forge_says(forge: FakeForge) -> None:
    forge.may_push = False
    with pytest.raises(ForgeError, match="does not permit this to the token: Resource not accessible") as error:
        await commit(forge)
    assert error.value.code == "not_permitted" and error.value.is_lasting and BRANCH not in forge.branches


@pytest.mark.parametrize(
    ("refusal", "code", "is_lasting"),
    [
        (Refusal(429), "rate_limited", False),
        (Refusal(403, "API rate limit exceeded", **{"x-ratelimit-remaining": "0"}), "rate_limited", False),
        (Refusal(502), "forge_unreachable", False),
        (Refusal(403, "You have exceeded a secondary rate limit. Please wait a few minutes"), "rate_limited", False),
        (Refusal(403, "Rate limited is no limit of rates"), "not_permitted", True),
        (Refusal(404, "Not Found"), "not_found", True),
        (Refusal(409, "conflict"), "refused_by_forge", True),
        (Refusal(301), "moved", True),
    ],
)
async def test_what_may_pass_differs_from_what_lasts(forge: FakeForge, refusal: Refusal, code: str, is_lasting: bool) -> None:
    def refuse(_: Request) -> None:
        raise refusal

    forge.before = refuse
    with pytest.raises(ForgeError) as error:
        await api(forge).look(REPOSITORY, 1)
    assert (error.value.code, error.value.is_lasting) == (code, is_lasting)


@pytest.mark.parametrize(
    ("name", "code", "is_lasting"),
    [("timeout", "forge_unreachable", False), ("tls", "forge_unreachable", False), ("refused_address", "refused_address", True)],
)
async def test_a_forge_that_cannot_be_reached_is_no_lasting_failure(forge: FakeForge, name: str, code: str, is_lasting: bool) -> None:
    def fail(_: Request) -> None:
        raise CallFailed(name)

    forge.before = fail
    with pytest.raises(ForgeError) as error:
        await api(forge).account()
    assert (error.value.code, error.value.is_lasting) == (code, is_lasting)


async def test_what_a_forge_says_is_one_short_line_without_control_characters(forge: FakeForge) -> None:
    def refuse(_: Request) -> None:
        raise Refusal(403, "no\x1b[31m\n\u202eway " + "x" * 5000)

    forge.before = refuse
    with pytest.raises(ForgeError) as error:
        await api(forge).account()
    assert error.value.say.count("x") <= 200 and len(error.value.say) < 400 and error.value.say.isprintable()


async def test_an_answer_that_is_no_json_is_no_forge(forge: FakeForge) -> None:
    class Page(FakeForge):
        async def call(self, request: Request) -> Reply:
            return Reply(200, {"content-type": "text/html"}, b"<html>sign in</html>")

    with pytest.raises(ForgeError, match="check the address"):
        await api(Page(forge.kind)).account()
