"""What an audit record says, as a sentence without its subject: "created the cluster production".

`{object}` is the name of what was acted on; other names are members of the record's detail. An action without a text of its own is shown
with the text of its group, so that no record is ever hidden.
"""

from collections.abc import Mapping
from string import Formatter
from typing import Any

TEXTS = {
    "agent.conflict": "was seen twice for {object}: two agents use one identity",
    "agent.connect": "was refused for {object}: {reason}",
    "agent.enrol": "connected {object}",
    "agent.refuse": "broke the protocol for {object}, and was refused for a while: {reason}",
    "agent.renew": "renewed the certificate of {object}",
    "agent.revoke": "revoked the certificates of the agent of {object}",
    "agent.wait": "asked to connect {object}",
    "analysis.feedback": "rated an analysis",
    "analysis.feedback_withdrawn": "withdrew their feedback on an analysis",
    "analysis.switch": "switched automatic analysis {isOn}",
    "audit.export": "exported {rows} audit records",
    "ca.advance": "advanced the rotation of the certificate authority to {phase}",
    "ca.rollback": "rolled back the rotation of the certificate authority",
    "ca.rotate": "started the rotation of the certificate authority",
    "capture.switch": "switched the capture of logs {isOn}",
    "captured.read": "read captured logs of {object}",
    "cluster.approve": "approved the agent of {object}",
    "cluster.create": "created the cluster {object}",
    "cluster.delete": "deleted the cluster {object}",
    "cluster.enrollment_token_revoke": "revoked an enrollment token for {object} that was not used yet",
    "cluster.enrollment_token": "created an enrollment token for {object}",
    "change_window.create": "created the {kind} {name}",
    "change_window.delete": "deleted the {kind} {name}",
    "change_window.update": "changed the {kind} {name}",
    "delegation.create": "delegated approvals of {object} to {email}",
    "delegation.end": "ended a delegation of approvals of {object}",
    "cluster.reject": "rejected the agent of {object}",
    "cluster.update": "changed the cluster {object}",
    "database.restore": "restored the database from a backup",
    "detector.risk": "switched risk detectors {hasRisk}",
    "detector.shift": "changed by how much the severity of issues is shifted",
    "detector.tune": "changed the settings of the detector {object}",
    "execution.apply": "applied a step of {object}",
    "execution.approve": "approved {object}",
    "execution.break_glass": "skipped missing approvals of {object}: {reason}",
    "execution.cancel": "canceled {object}",
    "execution.expire": "let the approval of {object} expire",
    "execution.finish": "finished {object}",
    "execution.propose": "opened a pull request for {object}",
    "execution.reject": "rejected {object}",
    "execution.retry": "retried {object}",
    "execution.void_approval": "voided the approval of {object}: {approvedBy} may not approve it any more",
    "execution.start": "started {object}",
    "executions.pause": "paused all executions",
    "executions.resume": "resumed executions",
    "executions.stop": "stopped all executions",
    "fleet_token.create": "created the fleet token {object}",
    "fleet_token.revoke": "revoked the fleet token {object}",
    "invite.accept": "accepted an invitation as {role}",
    "invite.create": "invited {email} as {role}",
    "invite.withdraw": "withdrew the invitation of {email}",
    "issue.acknowledged": "acknowledged {object}",
    "issue.analyze": "requested an analysis of {object}",
    "issue.assigned": "assigned {object}",
    "issue.bulk": "changed several issues",
    "issue.comment_deleted": "deleted a comment on {object}",
    "issue.comment_edited": "edited a comment on {object}",
    "issue.commented": "commented on {object}",
    "issue.labelled": "changed the labels of {object}",
    "issue.reopened": "reopened {object}",
    "issue.resolved": "resolved {object}",
    "issue.severity_reset": "returned {object} to its computed severity",
    "issue.severity_set": "set the severity of {object}",
    "issue.silence": "silenced alerts about {object} in Alertmanager",
    "issue.snoozed": "snoozed {object}",
    "issue.ticket": "requested a ticket for {object}",
    "issue.unacknowledged": "removed the acknowledgement of {object}",
    "issue.unassigned": "removed the assignee of {object}",
    "issue.unsilence": "ended a silence of alerts about {object} in Alertmanager",
    "issue.unsnoozed": "ended the snooze of {object}",
    "issue.woke": "ended the snooze of {object}",
    "key.create": "created the API key {object}",
    "key.revoke": "revoked the API key {object}",
    "key.roll": "rolled the API key {object}",
    "login.approve": "approved a login of the command line",
    "member.bind": "gave {object} the role {role} in some clusters or namespaces",
    "member.lift": "lifted the limit of {object}, who is {role} again",
    "member.limit": "limited {object} to bindings",
    "member.notifications": "changed their notification settings",
    "member.password": "changed their password, which ended {sessionsEnded} other sessions",
    "member.remove": "removed the member {object}",
    "member.reset_password": "reset the password of {object} on the server",
    "member.role": "changed the role of {object} from {from} to {to}",
    "member.unbind": "removed a binding of {object} with the role {role}",
    "member.setup": "set a password with a setup link",
    "model.switch": "switched the language model {isOn}",
    "mute_rule.create": "created a mute rule: {reason}",
    "mute_rule.delete": "ended a mute rule: {reason}",
    "mute_rule.expire": "ended a mute rule that expired: {reason}",
    "mute_rule.update": "changed a mute rule",
    "organisation.create": "created the organization {object}",
    "owners.update": "changed the ownership rules",
    "runbook.create": "created the runbook {object}",
    "runbook.delete": "deleted the runbook {object}",
    "runbook.draft": "let the language model {model} draft the runbook {object}, disabled",
    "runbook.update": "changed the runbook {object}",
    "safeguards.update": "changed the limits of executions",
    "session.confirm": "confirmed the password",
    "session.create": "signed in",
    "session.end": "signed out",
    "session.end_others": "signed out {sessionsEnded} other sessions",
    "setup.link": "printed a setup link",
    "alert.propose_rule": "opened a pull request for the rule of the alert {alert}",
    "alert_receiver.create": "created the alert receiver {name}",
    "alert_receiver.delete": "deleted the alert receiver {name}",
    "alert_receiver.refuse": "refused a request to the alert receiver {object}: {code} (number {count} in an hour)",
    "alert_receiver.roll": "rolled the secret of the alert receiver {name}",
    "alert_receiver.update": "changed the alert receiver {name}",
    "trigger.block": "blocked the trigger {name}: {reason}",
    "trigger.create": "created the trigger {name}",
    "trigger.delete": "deleted the trigger {name}",
    "trigger.roll": "rolled the secret of the trigger {name}",
    "trigger.unblock": "unblocked the trigger {name}",
    "trigger.update": "changed the trigger {name}",
    "view.create": "created the saved view {name}",
    "view.delete": "deleted the saved view {name}",
    "view.update": "changed the saved view {name}",
    "identity.create": "added the identity provider {object}",
    "identity.delete": "deleted the identity provider {object}",
    "identity.logout": "signed out {sessionsEnded} sessions, as the identity provider {object} said",
    "identity.policy": "changed how people sign in",
    "identity.refuse": "refused a sign-in with the identity provider {object}: {reason}",
    "identity.update": "changed the identity provider {object}",
    "member.create": "became a member through an identity provider: {email}",
    "member.link": "matched the member {email} with a person of an identity provider",
    "member.restore": "gave the membership back to {email}, as an identity provider activated the user again",
    "scim.create": "let the identity provider {object} provision users and groups",
    "scim.delete": "ended the provisioning of users and groups by the identity provider {object}",
    "scim.distrust": "ended the SCIM token of the identity provider {object}",
    "scim.roll": "rolled the SCIM token of the identity provider {object}",
    "scim_group.create": "provisioned the group {name}",
    "scim_group.delete": "deleted the provisioned group {name}",
    "scim_group.update": "changed the provisioned group {name}",
    "scim_user.create": "provisioned the user {name}",
    "scim_user.delete": "deleted the provisioned user {name}",
    "scim_user.update": "changed the provisioned user {name}",
    "mail.test": "sent a test message to {recipient}",
    "member.request_reset": "asked to reset the password of {email}",
    "member.rights": "replaced the rights of {email} by what an identity provider says",
    "forge.create": "connected the Git provider {object}",
    "forge.delete": "deleted the connection to the Git provider {object}",
    "forge.roll": "rotated the webhook secret of the Git provider {object}",
    "forge.update": "changed the connection to the Git provider {object}",
    "webhook.create": "created the webhook {object}",
    "webhook.delete": "deleted the webhook {object}",
    "webhook.disable": "disabled the webhook {object}",
    "webhook.redeliver": "repeated a delivery of the webhook {object}",
    "webhook.refuse": "refused a request to the webhook {object}: {code} (number {count} in an hour)",
    "webhook.roll": "rolled the secret of the webhook {object}",
    "webhook.test": "tested the webhook {object}",
    "webhook.update": "changed the webhook {object}",
}
RUNBOOKS = {
    "collect-diagnostics": "collected diagnostics of",
    "cordon-node": "cordoned",
    "delete-pod": "deleted",
    "drain-node": "drained",
    "evict-pod": "evicted",
    "expand-volume": "expanded",
    "fix-image-tag": "set the image tag of",
    "raise-cpu-limit": "raised the CPU limit of",
    "raise-memory-limit": "raised the memory limit of",
    "raise-quota": "raised",
    "renew-certificate": "renewed",
    "report-finalizers": "reported what blocks the deletion of",
    "report-released-volume": "reported",
    "rerun-job": "reran",
    "restart-job": "restarted",
    "restart-workload": "restarted",
    "resume-cronjob": "resumed",
    "rollback-workload": "rolled back",
    "scale-workload": "scaled",
    "set-hpa-bounds": "changed the limits of",
    "set-port-protocol": "changed the port protocol of",
    "set-probe": "changed a probe of",
    "set-probe-path": "changed the probe path of",
    "set-pull-secret": "added a pull secret to",
    "set-request": "changed a resource request of",
    "set-service-selector": "changed the selector of",
    "set-target-port": "changed the target port of",
    "suspend-cronjob": "suspended",
    "uncordon-node": "uncordoned",
}
"""What a built-in runbook that has succeeded did to its target."""
_VERIFIED = {"passed": ": verified", "inconclusive": ": not verified"}
GROUPS = {
    "agent": "agent",
    "alert": "settings",
    "alert_receiver": "settings",
    "analysis": "analysis",
    "audit": "audit",
    "ca": "certificates",
    "capture": "settings",
    "captured": "logs",
    "change_window": "settings",
    "delegation": "member",
    "cluster": "cluster",
    "command": "command",
    "database": "server",
    "detector": "settings",
    "execution": "execution",
    "executions": "execution",
    "fleet_token": "cluster",
    "invite": "member",
    "issue": "issue",
    "key": "key",
    "login": "session",
    "mail": "settings",
    "member": "member",
    "model": "settings",
    "mute_rule": "muteRule",
    "organisation": "server",
    "owners": "settings",
    "request": "session",
    "runbook": "runbook",
    "safeguards": "settings",
    "session": "session",
    "setup": "server",
    "trigger": "runbook",
    "view": "settings",
    "webhook": "webhook",
    "forge": "settings",
    "identity": "member",
    "scim": "member",
    "scim_group": "member",
    "scim_user": "member",
}
"""The group of each action, by what stands before its dot."""
DENIED = {
    "identity.refuse": "refused a sign-in with the identity provider {object}: {reason}",
    "key.exposed": "sent the API key {object} in a URL, which was refused",
    "login.deny": "refused a login of the command line",
    "request.refuse": "was refused {method} {path}: {code} (number {count} in an hour)",
    "session.confirm": "entered a wrong password",
    "session.create": "failed to sign in",
    "trigger.refuse": "refused a request to the trigger {object}: {code} (number {count} in an hour)",
}
"""Texts of what was not allowed, where there is more to say than that."""
_STATES = {True: "on", False: "off"}
_PREVIEWS = {
    "execution.start": "previewed {object} (dry run, nothing changed)",
    "execution.finish": "finished the preview of {object} (dry run, nothing changed)",
}


class _Words(Formatter):
    """Fills in what the record knows; what it does not know is "?", never an error."""

    def get_value(self, key: int | str, args: Any, kwargs: Any) -> Any:
        value = kwargs.get(key, "?")
        return _STATES[value] if isinstance(value, bool) else value

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        return self.get_value(field_name, args, kwargs), field_name


def group_of(action: str) -> str:
    return GROUPS.get(action.partition(".")[0], "other")


def sentence(action: str, outcome: str, *, object_name: str, detail: Mapping[str, Any]) -> str:
    """What was done, to follow the name of who did it."""
    text = (DENIED.get(action) if outcome == "denied" else None) or TEXTS.get(action)
    if text is None:
        kind, _, what = action.partition(".")
        text = f"sent the command {what} to the agent: {{object}}" if kind == "command" else f"{what.replace('_', ' ')}: {{object}}"
    if action.startswith("execution.") and detail.get("target"):
        text, object_name = _of_execution(action, text, object_name, detail)
    filled = _Words().vformat(text, (), {**detail, "object": object_name})
    if action.startswith("issue.") and "through" in detail:
        filled += f" for {detail.get('by')} in {detail['through']}"
    return f"{filled} (denied)" if outcome == "denied" and action not in DENIED else filled


def _of_execution(action: str, text: str, runbook: str, detail: Mapping[str, Any]) -> tuple[str, str]:
    """The text for an execution, and what stands in it for `{object}`: the runbook and its target; at the end, what it did."""
    status, done = detail.get("status"), RUNBOOKS.get(runbook)
    if detail.get("dryRun") is True:
        return _PREVIEWS.get(action, text), f"{runbook} on {detail['target']}"
    if action != "execution.finish" or status is None:
        return text, f"{runbook} on {detail['target']}"
    outcome = _VERIFIED.get(str(detail.get("verification")), "") if status == "succeeded" else f": {str(status).replace('_', ' ')}"
    if done is None or status != "succeeded":
        return f"ran {{object}} on {{target}}{outcome}", runbook
    return f"{done} {{target}}{outcome}", runbook
