"""The endpoints of runbooks and executions, of what starts them, and of what holds them back."""

from typing import Any

from optral.client.endpoints.base import Endpoints, camel, quote
from optral.client.http import Answer
from optral.kit.mappings import without_none


class Runbooks(Endpoints):
    def list(self, **filters: str | int | None) -> Answer[dict[str, Any]]:
        """Filters: match, risk, q, sort, page, page_size, cursor."""
        return self._http.get("/v1/runbooks", dict[str, Any], params=camel(filters))

    def get(self, runbook: str) -> Answer[dict[str, Any]]:
        """By id or slug; with its latest executions."""
        return self._http.get(f"/v1/runbooks/{quote(runbook)}", dict[str, Any])

    def create(self, source: str) -> Answer[dict[str, Any]]:
        """`source`: the definition as YAML or JSON text."""
        return self._http.call("POST", "/v1/runbooks", dict[str, Any], body={"source": source})

    def update(self, runbook: str, source: str, *, if_match: str | None = None) -> Answer[dict[str, Any]]:
        """Make a new version with this text. `if_match`: the ETag of what it is based on; another one is refused with 412."""
        return self._http.call("PATCH", f"/v1/runbooks/{quote(runbook)}", dict[str, Any], body={"source": source}, if_match=if_match)

    def enable(self, runbook: str, on: bool) -> Answer[dict[str, Any]]:
        """Enable or disable it."""
        return self._http.call("PATCH", f"/v1/runbooks/{quote(runbook)}", dict[str, Any], body={"enabled": on})

    def delete(self, runbook: str) -> Answer[dict[str, Any]]:
        """Its executions are kept."""
        return self._http.call("DELETE", f"/v1/runbooks/{quote(runbook)}", dict[str, Any])

    def draft(self, issue_id: str) -> Answer[dict[str, Any]]:
        """A draft by the language model for an issue, which is kept disabled."""
        return self._http.call("POST", f"/v1/issues/{quote(issue_id)}/runbook-drafts", dict[str, Any])

    def suggestions(self, runbook: str) -> Answer[dict[str, Any]]:
        """Causes, issue types and open issues for which it is suggested."""
        return self._http.get(f"/v1/runbooks/{quote(runbook)}/suggestions", dict[str, Any])

    def validate(self, source: str) -> Answer[dict[str, Any]]:
        """What is wrong with a definition; nothing is stored."""
        return self._http.call("POST", "/v1/runbooks/validate", dict[str, Any], body={"source": source})

    def versions(self, runbook: str) -> Answer[dict[str, Any]]:
        """The versions that are kept, the newest first."""
        return self._http.get(f"/v1/runbooks/{quote(runbook)}/versions", dict[str, Any])

    def version(self, runbook: str, number: int) -> Answer[dict[str, Any]]:
        """One version with its text."""
        return self._http.get(f"/v1/runbooks/{quote(runbook)}/versions/{number}", dict[str, Any])

    def restore(self, runbook: str, number: int) -> Answer[dict[str, Any]]:
        """Make a new version of an earlier one."""
        return self._http.call("PATCH", f"/v1/runbooks/{quote(runbook)}", dict[str, Any], body={"restoreVersion": number})

    def schema(self) -> Answer[dict[str, Any]]:
        """The JSON Schema of a definition."""
        return self._http.get("/v1/runbooks/schema", dict[str, Any])

    def execute(
        self,
        runbook: str,
        *,
        cluster: str | None = None,
        issue: str | None = None,
        parameters: dict[str, Any] | None = None,
        dry_run: bool = False,
        allow_drift: bool = False,
        reason: str = "",
        break_glass: str | None = None,
        wait: int = 0,
    ) -> Answer[dict[str, Any]]:
        """Start an execution; returns it after at most `wait` seconds."""
        given = {"clusterId": cluster, "issueId": issue, "parameters": parameters or {}, "dryRun": dry_run}
        given |= {"allowDrift": allow_drift, "reason": reason, "breakGlass": break_glass}
        body = without_none(given)
        return self._http.call("POST", f"/v1/runbooks/{quote(runbook)}/execute", dict[str, Any], params={"wait": wait}, body=body)


class Executions(Endpoints):
    def list(self, **filters: str | int | None) -> Answer[dict[str, Any]]:
        """Filters: cluster, status, runbook, issue, since, until, sort, page, page_size, cursor."""
        return self._http.get("/v1/executions", dict[str, Any], params=camel(filters))

    def get(self, execution_id: str) -> Answer[dict[str, Any]]:
        return self._http.get(f"/v1/executions/{quote(execution_id)}", dict[str, Any])

    def change_record(self, execution_id: str) -> Answer[dict[str, Any]]:
        """The change record of an execution: {title, sections, markdown}."""
        return self._http.get(f"/v1/executions/{quote(execution_id)}/change-record", dict[str, Any])

    def logs(self, execution_id: str, *, offset: int = 0, wait: int = 0) -> Answer[dict[str, Any]]:
        """The log from `offset`; waits at most `wait` seconds for new entries."""
        return self._http.get(f"/v1/executions/{quote(execution_id)}/logs", dict[str, Any], params={"offset": offset, "wait": wait})

    def approve(
        self, execution_id: str, *, reason: str = "", confirm: str = "", plan_hash: str | None = None, break_glass: str | None = None
    ) -> Answer[dict[str, Any]]:
        body = without_none({"reason": reason, "confirm": confirm, "planHash": plan_hash, "breakGlass": break_glass})
        return self._http.call("POST", f"/v1/executions/{quote(execution_id)}/approve", dict[str, Any], body=body)

    def approve_on_behalf(
        self, execution_id: str, member: str, *, reason: str = "", plan_hash: str | None = None
    ) -> Answer[dict[str, Any]]:
        """Requires a sign-in session. `member`: id or email address of who delegated approvals."""
        body = {"member": member, "reason": reason} | ({"planHash": plan_hash} if plan_hash else {})
        return self._http.call("POST", f"/v1/executions/{quote(execution_id)}/approve-on-behalf", dict[str, Any], body=body)

    def decide(self, execution_id: str, word: str, *, reason: str = "", break_glass: str | None = None) -> Answer[dict[str, Any]]:
        """`word` is reject, cancel, retry, undo or again; the last three take `break_glass`."""
        body = {"reason": reason} | ({"breakGlass": break_glass} if break_glass else {})
        return self._http.call("POST", f"/v1/executions/{quote(execution_id)}/{word}", dict[str, Any], body=body)

    def cancel(self, execution_id: str, *, reason: str = "", leave_open: bool = False) -> Answer[dict[str, Any]]:
        """Its pull request is closed, unless it is left open."""
        body = {"reason": reason, "leavePullRequestOpen": leave_open}
        return self._http.call("POST", f"/v1/executions/{quote(execution_id)}/cancel", dict[str, Any], body=body)

    def paused(self) -> Answer[dict[str, Any]]:
        """Whether all executions are paused: {paused, by, at, reason}."""
        return self._http.get("/v1/executions/pause", dict[str, Any])

    def switch(self, word: str, *, reason: str = "") -> Answer[dict[str, Any]]:
        """All executions of the organization. `word` is pause, resume or stop."""
        return self._http.call("POST", f"/v1/executions/{word}", dict[str, Any], body={"reason": reason})


class Triggers(Endpoints):
    def list(self, **filters: str | int | None) -> Answer[dict[str, Any]]:
        """Filters: sort, page, page_size, cursor."""
        return self._http.get("/v1/triggers", dict[str, Any], params=camel(filters))

    def get(self, trigger_id: str) -> Answer[dict[str, Any]]:
        return self._http.get(f"/v1/triggers/{quote(trigger_id)}", dict[str, Any])

    def create(self, body: dict[str, Any]) -> Answer[dict[str, Any]]:
        """`body`: {name, source, runbook, cluster, parameters, match | schedule, timeZone | accepts}; a secret is in this response only."""
        return self._http.call("POST", "/v1/triggers", dict[str, Any], body=body)

    def update(self, trigger_id: str, change: dict[str, Any], *, if_match: str | None = None) -> Answer[dict[str, Any]]:
        return self._http.call("PATCH", f"/v1/triggers/{quote(trigger_id)}", dict[str, Any], body=change, if_match=if_match)

    def delete(self, trigger_id: str, *, if_match: str | None = None) -> Answer[dict[str, Any]]:
        return self._http.call("DELETE", f"/v1/triggers/{quote(trigger_id)}", dict[str, Any], if_match=if_match)

    def preview(self, body: dict[str, Any]) -> Answer[dict[str, Any]]:
        """The open issues that match now, and the next times of a schedule: {matching, isWhole, issues, nextTimes}.

        `body`: {match, schedule, timeZone}.
        """
        return self._http.call("POST", "/v1/triggers/preview", dict[str, Any], body=body)

    def unblock(self, trigger_id: str) -> Answer[dict[str, Any]]:
        return self._http.call("POST", f"/v1/triggers/{quote(trigger_id)}/unblock", dict[str, Any], body={})

    def roll(self, trigger_id: str) -> Answer[dict[str, Any]]:
        """Rotate the secret; it is in this response only. Both secrets are valid for 24 hours."""
        return self._http.call("POST", f"/v1/triggers/{quote(trigger_id)}/roll", dict[str, Any], body={})

    def firings(self, trigger_id: str, **filters: str | int | None) -> Answer[dict[str, Any]]:
        """Filters: state, sort, page, page_size, cursor."""
        return self._http.get(f"/v1/triggers/{quote(trigger_id)}/firings", dict[str, Any], params=camel(filters))


class SafeguardSettings(Endpoints):
    def get(self) -> Answer[dict[str, Any]]:
        return self._http.get("/v1/safeguards", dict[str, Any])

    def update(self, change: dict[str, Any], *, if_match: str | None = None) -> Answer[dict[str, Any]]:
        """`change`: any of limits (all of them), unattendedRisk, password (to raise the risk, in a sign-in session)."""
        return self._http.call("PATCH", "/v1/safeguards", dict[str, Any], body=change, if_match=if_match)


class ChangeWindows(Endpoints):
    def list(self) -> Answer[dict[str, Any]]:
        return self._http.get("/v1/change-windows", dict[str, Any])

    def create(self, body: dict[str, Any]) -> Answer[dict[str, Any]]:
        """`body`: {kind, name, startsAt, endsAt | schedule, durationMinutes, timeZone, cluster, namespace, reason}."""
        return self._http.call("POST", "/v1/change-windows", dict[str, Any], body=body)

    def get(self, window_id: str) -> Answer[dict[str, Any]]:
        return self._http.get(f"/v1/change-windows/{quote(window_id)}", dict[str, Any])

    def update(self, window_id: str, change: dict[str, Any], *, if_match: str | None = None) -> Answer[dict[str, Any]]:
        """`change`: any of name, reason, startsAt, endsAt, schedule, durationMinutes, timeZone."""
        return self._http.call("PATCH", f"/v1/change-windows/{quote(window_id)}", dict[str, Any], body=change, if_match=if_match)

    def delete(self, window_id: str, *, if_match: str | None = None) -> Answer[dict[str, Any]]:
        return self._http.call("DELETE", f"/v1/change-windows/{quote(window_id)}", dict[str, Any], if_match=if_match)


class Delegations(Endpoints):
    def list(self) -> Answer[dict[str, Any]]:
        return self._http.get("/v1/delegations", dict[str, Any])

    def create(self, delegate: str, ends_at: str, *, reason: str = "") -> Answer[dict[str, Any]]:
        """Requires a sign-in session, as `end` does. `delegate`: id or email address."""
        body = {"delegate": delegate, "endsAt": ends_at, "reason": reason}
        return self._http.call("POST", "/v1/delegations", dict[str, Any], body=body)

    def end(self, delegation_id: str) -> Answer[dict[str, Any]]:
        return self._http.call("DELETE", f"/v1/delegations/{quote(delegation_id)}", dict[str, Any])
