"""A managed object is changed by a pull request: opened once whatever dies, followed until it is merged and applied, then verified."""

from datetime import timedelta

import pytest

from optral.flows.executions import control
from optral.forges import service as forges
from optral.forges.model import MERGE_WITHIN, OPEN_WITHIN, SYNC_WITHIN, Kind, State
from optral.kit.outbound import CallFailed, Request
from optral.runbooks.model import ExecutionStatus, Phase, StepState
from optral.terms.errors import Refused
from tests.flows.executions.shop import Shop, changed
from tests.flows.forges.gitops import EDITED, LABELS, MANIFEST, PATH, SOURCES, GitOps, Killed, dies_at
from tests.forges.fakes import FakeForge, Refusal
from tests.setup import helm as program

AFTER = MANIFEST.replace("64Mi", "128Mi")


@pytest.fixture
async def gitops(shop: Shop) -> GitOps:
    made = GitOps(shop)
    await made.open()
    return made


@pytest.fixture
def helm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Helm as an operator puts it on the server."""
    monkeypatch.setenv("PATH", str(program.find().parent), prepend=":")


@pytest.mark.slow
@pytest.mark.parametrize("tool", list(EDITED))
@pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.value)
async def test_a_pull_request_is_merged_applied_and_verified(shop: Shop, kind: Kind, tool: str, helm: None) -> None:
    gitops = GitOps(shop, kind, tool)
    await gitops.open()
    one, proposal = await gitops.opened()
    assert (one.status, one.phase, proposal.state) == (ExecutionStatus.RUNNING, Phase.PROPOSED, State.OPEN)
    assert proposal.branch == f"optral/{one.id}" and proposal.base == "main" and proposal.url
    (pull,) = gitops.forge.pulls
    files = {**SOURCES[tool], "README.md": "deploy\n"}
    files[gitops.path] = files[gitops.path].replace("64Mi", "128Mi")
    assert gitops.forge.commits[gitops.forge.branches[pull.head]].files == files
    assert shop.agent.applied == 0, "nothing is changed in the cluster"

    merged = gitops.forge.merge(pull.number)
    shop.clock.advance(31)
    one = await gitops.settle(one)
    proposal = await gitops.proposal(one)
    assert (one.phase, proposal.state, proposal.merge_commit) == (Phase.PROPOSED, State.MERGED, merged)

    await gitops.sync(merged)
    shop.clock.advance(6)
    one = await gitops.settle(one)
    assert one.phase is Phase.VERIFYING and (await gitops.proposal(one)).state is State.SYNCED
    while not one.status.is_final:
        shop.clock.advance(20)
        one = await gitops.settle(one)
    assert (one.status, one.failure) == (ExecutionStatus.SUCCEEDED, None) and one.verification is not None
    (step,) = await shop.steps(one)
    assert step.state is StepState.SUCCEEDED and str(proposal.url) in str(step.message) and shop.agent.applied == 0


async def test_the_body_says_issue_change_and_diff_and_strangers_text_is_code(gitops: GitOps, shop: Shop) -> None:
    issue_id = await shop.observe(shown=True)
    await gitops.opened(issue_id=issue_id)
    (pull,) = gitops.forge.pulls
    assert pull.title == "Raise a memory limit: Deployment shop/web"
    for said in (
        f"/issues/{issue_id})",
        "`Container api was killed at its memory limit`",
        "| `64Mi` | `128Mi` |",
        "Reason: `it needs more`",
    ):
        assert said in pull.body
    assert "-          resources: {limits: {memory: 64Mi}} # too little?" in pull.body


async def test_a_pull_request_that_is_closed_ends_the_execution(gitops: GitOps, shop: Shop) -> None:
    one, _ = await gitops.opened()
    gitops.forge.pulls[0].state = "closed"
    shop.clock.advance(31)
    one = await gitops.settle(one)
    assert one.status is ExecutionStatus.REJECTED and one.failure is not None and one.failure["code"] == "pull_request_closed"
    assert shop.agent.applied == 0


async def test_a_merge_that_is_not_what_the_tool_applied_is_waited_for(gitops: GitOps, shop: Shop) -> None:
    one, _ = await gitops.opened()
    old = gitops.forge.branches["main"]
    merged = gitops.forge.merge(1)
    shop.clock.advance(31)
    for applied, is_synced in ((old, True), (merged, False)):
        shop.clock.advance(6)
        await gitops.show(applied=applied, is_synced=is_synced)
        await gitops.work()
        assert (await gitops.proposal(one)).state is State.MERGED


async def test_a_sync_without_the_value_is_not_taken_for_the_change(gitops: GitOps, shop: Shop) -> None:
    """A later commit, or another tool, may have put the old value back."""
    one, _ = await gitops.opened()
    merged = gitops.forge.merge(1)
    shop.clock.advance(31)
    gitops.applied = merged
    await gitops.settle(one)
    shop.clock.advance(6)
    await gitops.settle(one)
    found = await gitops.proposal(one)
    assert found.state is State.MERGED and found.message is not None and "'64Mi'" in found.message


async def test_a_later_revision_that_contains_the_merge_is_the_sync(gitops: GitOps, shop: Shop) -> None:
    one, _ = await gitops.opened()
    gitops.forge.merge(1)
    later = gitops.forge.write("main", {"README.md": "more\n"})
    await gitops.sync(later)
    shop.clock.advance(31)
    one = await gitops.settle(one)
    found = await gitops.proposal(one)
    assert found.state is State.SYNCED and found.applied_revision == later


# --- at most once


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.value)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_a_worker_killed_at_any_request_opens_one_pull_request(shop: Shop, kind: Kind, after: bool) -> None:
    gitops = GitOps(shop, kind)
    await gitops.open()
    one = await shop.settle(await gitops.propose())
    for number in range(1, 20):
        gitops.forge = FakeForge(kind)
        gitops.forge.write("main", {PATH: MANIFEST, "README.md": "deploy\n"})
        one = await shop.settle(await gitops.propose()) if number > 1 else one
        hook, moment = dies_at(number, after=after)
        setattr(gitops.forge, moment, hook)
        gitops.worker = gitops.new_worker()
        proposal = await gitops.proposal(one)
        try:
            await gitops.worker.handle(shop.org, proposal.id)
        except Killed:
            is_dead = True
        else:
            is_dead = False
        setattr(gitops.forge, moment, lambda _: None)
        gitops.worker = gitops.new_worker()
        shop.clock.advance(181)  # the lease of the one that died
        await gitops.work()
        found = await gitops.proposal(one)
        assert found.state is State.OPEN and found.patch, f"request {number}"
        assert len(gitops.forge.pulls) == 1 and set(gitops.forge.branches) == {"main", found.branch}, f"request {number}"
        assert gitops.forge.commits[gitops.forge.branches[found.branch]].files[PATH] == AFTER
        await shop.store.write(shop.owner, lambda tx, ended=one.id: control.cancel(tx, ended))
        if not is_dead:
            return
    raise AssertionError("the worker never gets to its end")


async def test_a_forge_that_fails_for_a_while_is_asked_again(gitops: GitOps, shop: Shop) -> None:
    def refuse(_: Request) -> None:
        raise Refusal(502)

    gitops.forge.before = refuse
    one, proposal = await gitops.opened()
    assert (proposal.state, proposal.code, proposal.failures) == (State.OPENING, "forge_unreachable", 1)
    assert any("answers with status 502" in line for line in await shop.log(one))
    gitops.forge.before = lambda _: None
    shop.clock.advance(11)
    one = await gitops.settle(one)
    assert (await gitops.proposal(one)).state is State.OPEN and len(gitops.forge.pulls) == 1


async def test_a_limit_of_requests_is_waited_for_and_no_webhook_shortens_it(gitops: GitOps, shop: Shop) -> None:
    one, _ = await gitops.opened()
    answer = gitops.forge.before

    def limit(_: Request) -> None:
        raise Refusal(429, "slow down", **{"retry-after": "300"})

    gitops.forge.before = limit
    shop.clock.advance(31)
    await gitops.settle(one)
    found = await gitops.proposal(one)
    assert found.code == "rate_limited" and found.due_at == found.updated_at + timedelta(seconds=300)
    gitops.forge.before, asked = answer, len(gitops.forge.asked)
    gitops.forge.merge(1)
    await shop.store.write(shop.owner, lambda tx: forges.wake(tx, found.forge_id, repository_name=found.repository, number=1))
    shop.clock.advance(200)
    await gitops.settle(one)
    assert len(gitops.forge.asked) == asked
    shop.clock.advance(101)
    await gitops.settle(one)
    assert (await gitops.proposal(one)).state is State.MERGED


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.value)
@pytest.mark.parametrize("what", ["branch", "pull request"])
async def test_what_the_forge_shows_only_later_is_not_made_twice(shop: Shop, kind: Kind, what: str) -> None:
    """Its answer to the creation was lost, and it does not show it at first: the second creation is refused."""
    gitops = GitOps(shop, kind)
    await gitops.open()
    one = await shop.settle(await gitops.propose())
    is_hidden = True

    def lose(request: Request) -> None:
        is_pull = request.url.endswith(("/pulls", "/merge_requests"))
        is_branch = request.url.endswith(("/git/refs", "/repository/commits", "/contents"))
        if request.method == "POST" and (is_pull if what == "pull request" else is_branch):
            raise CallFailed("timeout")

    def hide(request: Request) -> None:
        nonlocal is_hidden
        if (
            is_hidden
            and what == "branch"
            and request.method == "GET"
            and "/branches/optral" in request.url.replace("ref/heads", "branches")
        ):
            is_hidden = False
            raise Refusal(404, "Branch not found")

    gitops.forge.after = lose
    await gitops.work()
    assert (await gitops.proposal(one)).code == "forge_unreachable"
    gitops.forge.after, gitops.forge.before, gitops.forge.unseen = lambda _: None, hide, int(what == "pull request")
    shop.clock.advance(11)
    await gitops.work()
    found = await gitops.proposal(one)
    assert found.state is State.OPEN and len(gitops.forge.pulls) == 1 and gitops.forge.unseen == 0
    assert is_hidden is (what == "pull request")


async def test_a_file_that_may_be_run_still_may(shop: Shop) -> None:
    gitops = GitOps(shop, Kind.GITHUB)
    gitops.forge.executables = {PATH}
    await gitops.open()
    _, proposal = await gitops.opened()
    assert proposal.state is State.OPEN, proposal.message


async def test_a_pull_request_with_conflicts_says_so_once(shop: Shop) -> None:
    gitops = GitOps(shop, Kind.GITLAB)
    await gitops.open()
    one, _ = await gitops.opened()
    gitops.forge.pulls[0].has_conflicts = True
    for _ in range(3):
        shop.clock.advance(31)
        await gitops.settle(one)
    lines = [line for line in await shop.log(one) if "has conflicts with main" in line]
    assert len(lines) == 1 and (await gitops.proposal(one)).state is State.OPEN
    gitops.forge.pulls[0].has_conflicts = False
    shop.clock.advance(31)
    await gitops.settle(one)
    assert (await gitops.proposal(one)).message is None


async def test_the_same_again_is_the_pull_request_that_is_open(gitops: GitOps) -> None:
    one, _ = await gitops.opened()
    again = await gitops.propose()
    assert again.id == one.id and len(gitops.forge.pulls) == 1


async def test_a_pull_request_that_waits_does_not_hold_the_object(gitops: GitOps, shop: Shop) -> None:
    """In an emergency the cluster is changed while the pull request is open."""
    await gitops.opened()
    one = await shop.start(allow_drift=True)
    assert one.status is ExecutionStatus.QUEUED


# --- what goes wrong, in plain words


async def _failure(gitops: GitOps) -> dict[str, object]:
    one, _ = await gitops.opened()
    assert one.status is ExecutionStatus.FAILED and one.failure is not None
    assert gitops.forge.pulls == [] and set(gitops.forge.branches) <= {"main", "release"}
    return dict(one.failure)


async def test_a_token_without_rights_is_named(gitops: GitOps) -> None:
    gitops.forge.may_push = False
    found = await _failure(gitops)
    assert found["code"] == "not_permitted" and "may not push to shop/deploy" in str(found["message"])


async def test_an_archived_repository_is_named(gitops: GitOps) -> None:
    gitops.forge.is_archived = True
    assert "archived" in str((await _failure(gitops))["message"])


async def test_a_file_that_says_something_else_is_refused(gitops: GitOps) -> None:
    gitops.forge.write("main", {PATH: AFTER.replace("128Mi", "96Mi")})
    found = await _failure(gitops)
    assert found["code"] == "cannot_edit" and "'96Mi' in the file and '64Mi' in the cluster" in str(found["message"])


async def test_a_file_that_moved_is_refused(gitops: GitOps) -> None:
    gitops.forge.commits[gitops.forge.branches["main"]].files.pop(PATH)
    assert "No file in overlays/prod describes Deployment shop/web" in str((await _failure(gitops))["message"])


async def test_a_chart_is_named(gitops: GitOps) -> None:
    files = gitops.forge.commits[gitops.forge.branches["main"]].files
    files["overlays/prod/Chart.yaml"], files["overlays/prod/values.yaml"] = "name: shop\n", "memory: 64Mi\n"
    files.pop(PATH)
    found = await _failure(gitops)
    assert found["code"] == "cannot_edit" and "overlays/prod is a Helm chart" in str(found["message"])


async def test_a_tag_is_not_moved_by_a_pull_request(gitops: GitOps) -> None:
    one = await shop_proposal(gitops, revision="v1.2")
    assert one["code"] == "branch_not_found" and "v1.2 is no branch of shop/deploy" in str(one["message"])


async def shop_proposal(gitops: GitOps, *, revision: str) -> dict[str, object]:
    planned = await gitops.shop.run(await gitops.shop.raise_limit(dry_run=True))
    await gitops.show(revision=revision)
    made = await gitops.shop.store.write(gitops.shop.owner, lambda tx: control.propose(tx, planned.id))
    for _ in range(4):
        await gitops.shop.settle(made)
        await gitops.show(revision=revision)
        await gitops.work()
    ended = await gitops.shop.settle(made)
    assert ended.failure is not None
    return dict(ended.failure)


@pytest.mark.parametrize(
    ("labels", "repositories", "code"),
    [
        ({}, ("shop/deploy",), "not_managed"),
        ({"app.kubernetes.io/managed-by": "Helm"}, ("shop/deploy",), "not_managed"),
        ({"argocd.argoproj.io/instance": "other"}, ("shop/deploy",), "source_unknown"),
        (LABELS["argocd"], ("shop/other",), "no_forge"),
    ],
)
async def test_what_no_pull_request_can_change_is_refused_at_once(
    shop: Shop, labels: dict[str, str], repositories: tuple[str, ...], code: str
) -> None:
    gitops = GitOps(shop)
    await gitops.open(repositories=repositories)
    planned = await shop.run(await shop.raise_limit(dry_run=True))
    await gitops.show()
    shop.agent.resource_version += 1
    await shop.show(labels=labels)
    with pytest.raises(Refused) as error:
        await shop.store.write(shop.owner, lambda tx: control.propose(tx, planned.id))
    assert error.value.code == code


async def test_an_autoscaler_would_undo_replicas(gitops: GitOps, shop: Shop) -> None:
    scaler = {"spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}}}
    parameters = {"kind": "Deployment", "namespace": "shop", "name": "web", "replicas": 2}
    planned = await shop.run(await shop.start("scale-workload", parameters=parameters, dry_run=True))
    await gitops.show()
    more = [changed("HorizontalPodAutoscaler.autoscaling", "uid-hpa", "shop", "web", "9", scaler)]
    shop.agent.resource_version += 1
    await shop.show(labels=LABELS["argocd"], more=more)
    with pytest.raises(Refused) as error:
        await shop.store.write(shop.owner, lambda tx: control.propose(tx, planned.id))
    assert error.value.code == "managed_object"


# --- the end of it


@pytest.mark.parametrize("leaves_open", [False, True])
async def test_a_canceled_execution_closes_its_pull_request_unless_told_otherwise(gitops: GitOps, shop: Shop, leaves_open: bool) -> None:
    one, _ = await gitops.opened()
    ended = await shop.store.write(shop.owner, lambda tx: control.cancel(tx, one.id, leaves_open=leaves_open))
    assert ended.status is ExecutionStatus.CANCELED
    await gitops.work()
    found = await gitops.proposal(one)
    assert found.state is (State.LEFT_OPEN if leaves_open else State.CLOSED) and found.due_at is None
    assert gitops.forge.pulls[0].state == ("open" if leaves_open else "closed")


async def test_a_cancel_while_it_is_opened_closes_what_was_opened(gitops: GitOps, shop: Shop) -> None:
    one = await shop.settle(await gitops.propose())
    hook, _ = dies_at(1, after=False)

    def canceled(request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/pulls"):
            hook(request)

    gitops.forge.after = canceled
    with pytest.raises(Killed):
        await gitops.worker.handle(shop.org, (await gitops.proposal(one)).id)
    assert gitops.forge.pulls[0].state == "open"
    await shop.store.write(shop.owner, lambda tx: control.cancel(tx, one.id))
    gitops.worker = gitops.new_worker()
    await gitops.work()
    assert gitops.forge.pulls[0].state == "open", "the worker may not have ended yet"
    shop.clock.advance(181)
    gitops.forge.after = lambda _: None
    # the base branch was not recorded: it is that of the source
    await gitops.work()
    assert gitops.forge.pulls[0].state == "closed" and (await gitops.proposal(one)).state is State.CLOSED


@pytest.mark.parametrize(("is_merged", "within"), [(False, MERGE_WITHIN), (True, SYNC_WITHIN)])
async def test_nothing_is_waited_for_without_end(gitops: GitOps, shop: Shop, is_merged: bool, within: object) -> None:
    one, _ = await gitops.opened()
    if is_merged:
        gitops.forge.merge(1)
        shop.clock.advance(31)
        await gitops.settle(one)
    shop.clock.advance((MERGE_WITHIN if not is_merged else SYNC_WITHIN).total_seconds() + 60)
    one = await shop.settle(one)
    await gitops.work()
    assert one.status is ExecutionStatus.TIMED_OUT and one.failure is not None and one.failure["code"] == "pull_request_expired"
    assert gitops.forge.pulls[0].state == ("merged" if is_merged else "closed")


async def test_a_forge_that_never_answers_ends_the_execution(gitops: GitOps, shop: Shop) -> None:
    def refuse(_: Request) -> None:
        raise Refusal(502)

    gitops.forge.before = refuse
    one, _ = await gitops.opened()
    shop.clock.advance(OPEN_WITHIN.total_seconds() + 1)
    await gitops.work()
    one = await shop.settle(one)
    assert one.status in (ExecutionStatus.FAILED, ExecutionStatus.TIMED_OUT)


async def test_a_token_that_ends_while_the_pull_request_is_open_is_only_reported(gitops: GitOps, shop: Shop) -> None:
    one, _ = await gitops.opened()
    answer = gitops.forge.before

    def refuse(_: Request) -> None:
        raise Refusal(401)

    gitops.forge.before = refuse
    shop.clock.advance(31)
    one = await gitops.settle(one)
    assert one.status is ExecutionStatus.RUNNING and (await gitops.proposal(one)).code == "token_refused"
    gitops.forge.before = answer
    gitops.forge.merge(1)
    shop.clock.advance(11)
    await gitops.settle(one)
    assert (await gitops.proposal(one)).state is State.MERGED


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        (LABELS["argocd"], True),
        (LABELS["flux"], True),
        ({"app.kubernetes.io/managed-by": "Helm"}, False),  # applies nothing by itself
        ({}, False),
    ],
)
async def test_a_plan_says_that_the_next_sync_reverts_a_change_of_the_cluster(shop: Shop, labels: dict[str, str], says: bool) -> None:
    shop.agent.resource_version += 1
    await shop.show(labels=labels)
    planned = await shop.raise_limit(dry_run=True)
    await shop.move(planned)
    await shop.answer()
    await shop.show(labels=labels)
    await shop.settle(planned)
    lines = [line for line in await shop.log(planned) if "will be reverted at the next sync" in line]
    assert bool(lines) is says
    if labels:
        shop.agent.resource_version += 1
        await shop.show(labels=labels)
        with pytest.raises(Refused) as refused:
            await shop.raise_limit()
        assert refused.value.code == "managed_object" and ("will be reverted at the next sync" in refused.value.say) is says


async def test_the_log_of_a_pull_request_does_not_warn_of_the_sync_it_waits_for(gitops: GitOps, shop: Shop) -> None:
    one, _ = await gitops.opened()
    assert not [line for line in await shop.log(one) if "reverted" in line]
