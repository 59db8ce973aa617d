"""Which templates of tickets are refused, and why."""

from typing import Any

import pytest

from optral.terms.errors import Invalid
from optral.webhooks.ticket_template import MAX_PLACEHOLDERS, PLACEHOLDERS, TicketTemplate


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"title": "{pod} failed"}, "title", "no placeholder {pod}"),
        ({"text": "{}"}, "text", "no placeholder {}"),
        ({"text": "{Title}"}, "text", "{title}, {severity}, {cluster}, {namespace}, {object}, {type}, {team}, {cause}, {url}"),
        ({"labels": ["a", "{pod}"]}, "labels", "{pod}"),
        ({"text": "`{title}`"}, "text", "takes no `"),
        ({"text": "<div>{title}</div>"}, "text", "no <"),
        ({"text": "\\{title}"}, "text", "no \\"),
        ({"text": "[runbook](https://example.com/{title})"}, "text", "address of a link"),
        ({"text": "{title}" * (MAX_PLACEHOLDERS + 1)}, "text", "placeholders"),
        ({"fields": {"summary": "x"}}, "fields", "summary is set by title"),
        ({"fields": {"a": "x" * 9000}}, "fields", "8 KiB"),
        ({"fields": {"a": {"b": {"c": {"d": [[1]]}}}}}, "fields", "5 levels"),
    ],
)
def test_a_template_is_refused_by_its_member(given: dict[str, Any], field: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        TicketTemplate(**given).check(is_jira=True)
    (error,) = refused.value.errors
    assert (refused.value.code, error["field"]) == ("invalid_ticket_template", f"ticket.{field}")
    assert said in error["message"]


@pytest.mark.parametrize(
    "given",
    [
        {"text": " ".join(f"{{{name}}}" for name in PLACEHOLDERS) + " [open]({url}) } and {\n"},
        {"title": "<b> `{title}`", "labels": ["{severity}"]},
        {"issue_type": "Task", "fields": {"priority": {"name": "High"}, "customfield_1": [1, None]}},
        {},
    ],
)
def test_a_template_is_accepted(given: dict[str, Any]) -> None:
    TicketTemplate(**given).check(is_jira=True)
