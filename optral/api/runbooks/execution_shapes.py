"""The JSON of executions in REST: plans, steps, approvals, and what an execution waits for. `executions.py` builds it."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from optral.api.http.lists import list_of
from optral.api.http.routing import Shape
from optral.runbooks.model import ExecutionStatus

Risk = Literal["readOnly", "low", "high", "destructive"]


class RunbookRef(Shape):
    id: str
    name: str
    slug: str
    version: int


class ObjectShape(Shape):
    kind: str = Field(examples=["Deployment"])
    namespace: str | None = None
    name: str
    uid: str | None = None


class PlannedChange(Shape):
    step: str
    path: str = Field(examples=["spec.template.spec.containers[api].resources.limits.memory"])
    from_: Any = Field(None, alias="from", description="null if the field was not set")
    to: Any = None


class PermissionShape(Shape):
    """What RBAC must allow the agent for a step. A dry run needs the same"""

    verb: str = Field(examples=["patch"])
    resource: str = Field(description="With its subresource and API group, if any", examples=["deployments.apps"])
    namespace: str | None = None


class PlannedStep(Shape):
    name: str
    verb: str
    object: ObjectShape
    values: dict[str, Any]
    summary: str | None = Field(
        None,
        description="What the step does, in words; absent for a step that changes nothing",
        examples=["Rolls back Deployment shop/web to revision 4. Replaces 1 pod, no downtime."],
    )
    is_write: bool
    is_dry_run: bool = Field(description="The API server has computed the changes of this step; false for steps that change nothing")
    permissions: list[PermissionShape] | None = Field(None, description="Absent for a step that reads")


class RuleShape(Shape):
    """A rule of a Role or ClusterRole"""

    api_groups: list[str] = Field(examples=[["apps"]])
    resources: list[str] = Field(examples=[["deployments"]])
    verbs: list[str] = Field(examples=[["patch"]])


class MissingPermission(PermissionShape):
    """A permission that the agent does not have, and what grants it"""

    step: str
    role: Literal["Role", "ClusterRole"] = Field(description="Kind of the role that the rule belongs in; a Role is in the namespace")
    rule: RuleShape
    chart_values: dict[str, Any] = Field(
        description="Values of the optral-agent chart that grant it. Lists are added to those that are set; operate.verbs can stay empty",
        examples=[{"profile": "operate", "operate": {"namespaces": ["shop"], "verbs": ["restart"]}}],
    )


class HelmShape(Shape):
    """The release of Helm that makes an object"""

    kind: Literal["Application", "HelmRelease"]
    namespace: str | None = None
    name: str
    path: str | None = Field(None, description="Folder with the manifest of the Application or HelmRelease, if it is in the repository")
    chart: str | None = Field(None, description="Folder of the chart", examples=["charts/web"])
    release: str | None = None
    target_namespace: str | None = None
    value_files: list[str] | None = Field(
        None, description="Relative to the folder of the chart, or with / to the repository", examples=[["../../envs/prod.yaml"]]
    )
    ignores_missing: bool | None = Field(None, description="Whether values files may be missing")
    omitted: list[str] | None = Field(None, description="What else the Application sets, which is not sent", examples=[["parameters"]])
    generated_by: str | None = Field(
        None, description="ApplicationSet that generates the Application, and would revert a change of it", examples=["ApplicationSet shop"]
    )
    source_index: int | None = Field(None, description="Index in spec.sources of an Application that has several sources")


class KustomizationShape(Shape):
    """The Kustomization of Flux that applies an object, or its HelmRelease"""

    namespace: str
    name: str


class CandidateShape(Shape):
    """A source of an Application that may make an object"""

    path: str | None = Field(None, description="Folder in the repository; absent for its root")
    recurses: bool | None = Field(None, description="Whether folders below it are read, too")
    helm: HelmShape | None = None
    transformers: list[str] | None = None


class SourceShape(Shape):
    """The files from which Argo CD or Flux applies an object, as far as their resources in this cluster say"""

    repository: str | None = Field(None, examples=["https://git.example.com/shop/deploy.git"])
    path: str | None = Field(None, description="Folder that is applied", examples=["overlays/prod"])
    revision: str | None = Field(None, description="Branch, tag or commit that is followed")
    applied_revision: str | None = None
    applied_at: datetime | None = None
    chart: str | None = Field(None, description="Name of the Helm chart, if it is not in the repository")
    helm: HelmShape | None = None
    transformers: list[str] | None = Field(
        None, description="Settings of the Application or Kustomization that change what the folder builds", examples=[["images"]]
    )
    kustomization: KustomizationShape | None = None
    candidates: list[CandidateShape] | None = Field(
        None, description="Sources of an Application that may make the object; the last one that describes it does"
    )
    problem: str | None = Field(None, description="Why the files cannot be determined")


class ManagerShape(Shape):
    step: str
    kind: Literal["argocd", "flux", "helm", "operator", "hpa"]
    name: str
    source: SourceShape | None = None


class StepImpact(Shape):
    """What a step takes away while it changes something, estimated from the dry run and the inventory"""

    step: str
    pods_replaced: int = Field(description="Pods that end and are created again")
    pods_removed: int = Field(description="Pods that end and are not created again")
    unavailable_at_once: int | None = Field(None, description="How many pods are unavailable at the same time; absent if unknown")
    unavailable_seconds: int | None = Field(
        None, description="For how long, by the time that the present pods took to become ready; absent if unknown"
    )
    budgets: list[str] = Field(description="PodDisruptionBudgets that select these pods", examples=[["shop/web"]])
    dependents: list[str] = Field(
        description="Services that select these pods, and workloads of the namespace that call them",
        examples=[["Service shop/web", "Deployment shop/frontend"]],
    )


class ImpactShape(Shape):
    pods: int = Field(description="Pods that the execution replaces or removes")
    steps: list[StepImpact]


class PlanShape(Shape):
    """The changes that the execution would make, from a dry run against the API server"""

    hash: str = Field(description="Hash that an approval refers to")
    steps: list[PlannedStep]
    diff: list[PlannedChange]
    managers: list[ManagerShape] = Field(description="Other controllers that manage these objects")
    impact: ImpactShape | None = Field(None, description="Absent in plans of earlier versions, and if permissions are missing")
    missing_permissions: list[MissingPermission] | None = Field(
        None, description="Permissions that the agent does not have. With any of them, the execution fails as permissions_missing"
    )


class StepShape(Shape):
    id: str
    name: str
    verb: str
    object: ObjectShape
    state: Literal["pending", "checking", "running", "succeeded", "failed", "unknown", "skipped", "canceled"]
    attempt: int
    started_at: datetime | None = None
    finished_at: datetime | None = None
    code: str | None = None
    message: str | None = None
    result: dict[str, Any] | None = Field(None, description="Only in the response for a single execution")
    pre_image: dict[str, Any] | None = Field(None, description="Values of the changed fields before the change")


class CheckShape(Shape):
    name: str
    status: Literal["passed", "failed", "inconclusive"]
    message: str


class VerificationShape(Shape):
    """Whether the change helped. `status` is set when the verification has finished"""

    status: Literal["passed", "failed", "inconclusive"] | None = None
    checks: list[CheckShape]
    stable_seconds: int
    since: datetime | None = Field(None, description="Since when all checks pass without interruption")
    until: datetime = Field(description="Deadline of the verification")


class NotUndoneShape(Shape):
    step: str
    reason: str


class RollbackShape(Shape):
    """The automatic undo after a step with `onError: rollback` did not succeed"""

    restores: list[str] = Field(description="The steps that it takes back, the last one first")
    not_undone: list[NotUndoneShape] = Field(description="The steps that cannot be taken back")
    execution_id: str | None = Field(None, description="The undo")
    refused: str | None = Field(None, description="Why the undo did not start")


class FailureShape(Shape):
    code: str
    message: str
    step: str | None = None
    changed: bool | None = Field(None, description="Whether the execution changed the cluster; null if unknown")
    check: ObjectShape | None = Field(None, description="The object to check if the outcome is unknown")
    rollback: RollbackShape | None = None


class WaitingShape(Shape):
    """What an execution waits for now"""

    kind: Literal[
        "plan", "approval", "turn", "freeze", "window", "limit", "resume", "agent", "time", "condition", "retry", "merge", "verification"
    ] = Field(
        description="`turn`: another execution changes the cluster; `freeze`: the end of a freeze; `window`: a maintenance window, for "
        "what a trigger started; `limit`: of changes within an hour; `resume`: executions are stopped; `agent`: the command of a step; "
        "`merge`: of the pull request, and its sync"
    )
    step: str | None = None
    position: int | None = Field(None, description="Position of the step, from 1")
    until: datetime | None = Field(None, description="When the wait ends at the latest")
    what: str | None = Field(
        None, description="The condition or the freeze, in words", examples=["object.status.availableReplicas is at least 2"]
    )
    window_id: str | None = Field(None, description="Id of the freeze")


class ApproversShape(Shape):
    """Whose approvals count: these roles and these members"""

    roles: list[Literal["owner", "admin"]]
    members: list[str]


class ApprovalDecisionShape(Shape):
    by: str
    on_behalf_of: str | None = Field(None, description="The member whose right was used")
    verdict: Literal["approved", "rejected", "breakGlass"] = Field(description="`breakGlass`: skipped the approvals that were missing")
    at: datetime
    reason: str | None = None
    counts: bool = Field(description="false: this member may not approve here any more, or counts already")


class ApprovalShape(Shape):
    required: bool
    ready: bool = Field(description="The plan is complete and can be approved or rejected")
    expires_at: datetime | None = None
    needed: int | None = Field(None, description="Members who must approve; in lists only while the execution waits for them")
    given: int | None = Field(None, description="Approvals that count")
    approvers: list[ApproversShape] | None = Field(
        None, description="Absent: everyone who may approve. Of several, an approver must be in each"
    )
    decisions: list[ApprovalDecisionShape] | None = Field(None, description="Only in the response for a single execution")


class UndoShape(Shape):
    possible: bool = Field(description="The previous values are known. Whether an object has changed since is checked when the undo starts")
    reason: str | None = Field(None, description="Why not")


class PullRequestShape(Shape):
    """The pull request that carries the change"""

    state: Literal["opening", "open", "merged", "synced", "closed", "failed", "closing", "leftOpen"] = Field(
        description="`merged`: waiting until Argo CD or Flux has applied it; `synced`: applied; `leftOpen`: the execution was canceled"
    )
    repository: str | None = Field(None, examples=["shop/deploy"])
    base: str | None = Field(None, description="Branch that it is merged into")
    branch: str | None = None
    number: int | None = None
    url: str | None = None
    patch: str | None = Field(None, description="What it changes, as a patch; what looks like a secret is masked")
    notes: list[str] | None = None
    merge_commit: str | None = None
    applied_revision: str | None = None
    code: str | None = Field(None, description="Code of the last failure")
    message: str | None = Field(None, description="What it waits for, or why it failed")
    expires_at: datetime | None = Field(None, description="When the execution stops waiting")
    merged_at: datetime | None = None


class ExecutionShape(Shape):
    id: str = Field(examples=["exe_01jd3q4m6ve5jt8cmykq3rzm0a"])
    runbook: RunbookRef
    cluster: str = Field(description="The cluster's name")
    cluster_id: str
    issue_id: str | None = None
    status: ExecutionStatus
    target: ObjectShape
    parameters: dict[str, Any]
    risk: Risk = Field(description="The risk of the runbook, or a higher one that its steps have with these parameters")
    dry_run: bool
    allow_drift: bool
    by_pull_request: bool = Field(description="The change is proposed to the repository, and not made in the cluster")
    needs_another_person: bool | None = Field(
        None, description="Only planned by the requester, who can never approve it; absent for other executions"
    )
    reason: str
    approval: ApprovalShape
    plan: PlanShape | None = Field(None, description="Only in the response for a single execution")
    steps: list[StepShape]
    requested_by: str
    trigger_id: str | None = Field(None, description="The trigger that started it, for the person in `requestedBy`")
    break_glass: str | None = Field(None, description="Reason for a change during a freeze, or without missing approvals")
    approved_by: str | None = None
    canceling: bool = Field(description="Cancellation was requested; the running step finishes first")
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    waiting_for: WaitingShape | None = Field(None, description="Absent once the execution has finished")
    verification: VerificationShape | None = None
    failure: FailureShape | None = None
    retry_of: str | None = None
    undo_of: str | None = Field(None, description="The execution that this one undoes")
    pull_request: PullRequestShape | None = Field(None, description="Only in the response for a single execution")
    undo: UndoShape | None = Field(None, description="Only in the response for a single execution that has finished")
    cause: str | None = Field(None, description="The cause of the issue when the execution started, an id from docs/causes.md")
    version: int


ExecutionList = list_of("ExecutionList", "executions", ExecutionShape, capped=True)


class ExecutionLogEntry(Shape):
    offset: int
    at: datetime
    step: str | None = None
    level: Literal["info", "warning", "error"]
    message: str


class LogList(Shape):
    logs: list[ExecutionLogEntry]
    total: int
    page: int
    page_size: int
    next_offset: int = Field(description="Offset of the next request")
    completed: bool = Field(description="The execution has finished and the log is complete")
