"""Which refusals of well-formed requests are right, though no schema can foresee them; loaded by schemathesis.

A check's failure is dropped only when the answer's own code says that the present state decided, or one of the two rules of ours that
OpenAPI 3.0 cannot write down. Everything else stays a failure.
"""

import json
from typing import Any

import schemathesis

UNFORESEEN = {
    "bad_cursor": "a cursor is sealed and bound to its list: no schema says which text is one",
    "bad_query": "the grammar of a query is in docs/search.md; a pattern can say neither which keys there are nor what fits them",
    "invalid_comparison": "another resource, a cluster or revisions: no schema of query parameters says either-or",
    "invalid_logs_request": "either resources, or a cluster with a namespace and labels: no schema of query parameters says either-or",
    "ids_or_query": "of two members one is given: as alternatives they would be two bodies, and clients would have two methods",
    "invalid_change_window": "a recurring window has a duration, and a single one has two times: as alternatives they would be two bodies",
    "invalid_trigger": "which time zones there are, and which schedules ever come, is more than a pattern can say",
    "invalid_silence": "which webhooks there are, which of them send to an Alertmanager, and a time that is past now",
    "invalid_receiver": "one cluster or a label that names it: as alternatives they would be two bodies",
    "filtered_chain": "no schema of query parameters says that one value of a parameter forbids others",
    "invalid_logout_token": "the provider has signed a logout token: no pattern makes one",
    "reason_needed": "a reason is counted without the spaces around it",
    "unknown_cause": "which causes there are is in docs/causes.md; a client of an older version need not know them all",
    "page_too_deep": "page × pageSize: no schema multiplies",
    "stale_version": "If-Match names another version than the present one",
    "idempotency_mismatch": "the Idempotency-Key came before with another body",
    "invalid_name": "which characters can be printed is a matter of Unicode's version, not of a pattern",
    "unknown_cluster": "no such cluster now",
    "weak_password": "which passwords everybody tries is a list",
    "invalid_runbook": "a definition is judged as a whole, with its lines; a schema would say neither which verbs fit nor where",
    "invalid_parameters": "which parameters a runbook takes is in the runbook",
    "out_of_scope": "which clusters and namespaces a runbook is for is in the runbook",
    "unknown_member": "no such member now",
    "invalid_snooze": "the time is past now, or more than a year away; or nothing ends it",
    "invalid_mute_rule": "the day is past now, or more than a year away; or the rule would mute everything",
    "no_objects": "what a text of YAML holds: comments alone are well-formed",
    "unreadable_objects": "what a text of YAML holds",
    "invalid_quiet_hours": "which time zones there are, and whether hours ever end, is more than a pattern can say",
    "held_too_long": "the time is more than a week away",
    "not_for_alerts": "what Alertmanager does itself: as alternatives they would be two bodies",
    "invalid_webhook_url": "which hosts may be called depends on what they are, and on the networks that this server's settings allow",
    "invalid_forge_url": "which hosts may be called depends on what they are, and on the networks that this server's settings allow",
    "invalid_repository": "a name of a repository is refused with two dots in it, which no pattern says in few words",
    "invalid_branch_prefix": "Git refuses some beginnings of a branch, such as two dots or two slashes",
    "token_needed": "a new address needs a token: no schema says either-or of two members",
    "invalid_owner_rule": "an order names each entry once, and some names stand for no team",
    "invalid_channel": "one form needs the id of a channel, and no other takes it: as alternatives they would be two bodies",
    "invalid_ticket_template": "which placeholders there are, and one form and one service alone take it",
    "invalid_expiry": "the time is past now, or more than a year away",
}

REFUSED_BEFORE = (412, 414)
"""Refusals that come before parameters and bodies are judged: If-Match of another version, and a URL that is too long. Schemathesis
counts them as accepted."""


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """False drops the failure."""
    if type(failure).__name__ == "AcceptedNegativeData" and response.status_code in REFUSED_BEFORE:
        return False
    if type(failure).__name__ != "RejectedPositiveData":
        return True
    problem = json.loads(response.content)
    is_free = problem["code"] == "malformed_json" and case.path.startswith("/v1/runbooks")
    is_ours = _is_label_key(problem) or _is_network(problem)
    return problem["code"] not in UNFORESEEN and not is_ours and not is_free  # free objects: no schema bounds their insides


def _is_network(problem: Any) -> bool:
    """Which texts are networks in CIDR notation, IPv6 included, is more than a pattern can say."""
    codes = {error["code"] for error in problem.get("errors", ())}
    return problem["status"] == 422 and codes == {"bad_network"}


def _is_label_key(problem: Any) -> bool:
    """Names of members have no pattern in OpenAPI 3.0 (`propertyNames` came with 3.1); the values of labels have one."""
    fields = [error["field"] for error in problem.get("errors", ())]
    return problem["status"] == 422 and bool(fields) and all(".labels." in f".{field}" for field in fields)
