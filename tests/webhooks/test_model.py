"""Which events a webhook gets, when a delivery is retried, and when a webhook is disabled."""

from datetime import timedelta

import pytest

from optral.kit import records
from optral.terms.errors import Invalid
from optral.terms.severity import Severity
from optral.webhooks import model
from optral.webhooks.model import About, Answer, Delivery, Ended, Filters, Form, Outcome, Webhook
from tests.support.clock import NOON

ABOUT = About(event="issue.created", cluster_id="cls_a", namespace="shop", issue_type="OOMKilled", severity=Severity.HIGH)
DELIVERY = Delivery(
    id="dlv_x",
    org_id="org_x",
    webhook_id="whk_x",
    event="issue.created",
    event_seq=1,
    subject_id=None,
    body="{}",
    due_at=NOON,
    created_at=NOON,
)
WEBHOOK = Webhook(
    id="whk_x",
    org_id="org_x",
    name="x",
    shown_url="",
    form=Form.JSON,
    target=b"",
    cursor=0,
    created_by="",
    created_at=NOON,
    updated_at=NOON,
)


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        (Filters(), True),
        (Filters(events=frozenset({"cluster.offline"})), False),
        (Filters(clusters=frozenset({"cls_a"})), True),
        (Filters(clusters=frozenset({"cls_b"})), False),
        (Filters(namespaces=frozenset({"shop"})), True),
        (Filters(namespaces=frozenset({"bank"})), False),
        (Filters(issue_types=frozenset({"OOMKilled"})), True),
        (Filters(issue_types=frozenset({"JobFailed"})), False),
        (Filters(min_severity=Severity.HIGH), True),
        (Filters(min_severity=Severity.CRITICAL), False),
    ],
)
def test_filters_decide_what_is_delivered(filters: Filters, wanted: bool) -> None:
    assert model.wants(filters, ABOUT) is wanted


def test_filters_about_issues_do_not_keep_other_events_back() -> None:
    filters = Filters(events=frozenset({"cluster.offline"}), namespaces=frozenset({"shop"}), min_severity=Severity.CRITICAL)
    assert model.wants(filters, About(event="cluster.offline", cluster_id="cls_a"))


def test_filters_are_kept_as_they_were_given() -> None:
    given = Filters(clusters=frozenset({"cls_a"}), issue_types=frozenset({"OOMKilled"}), min_severity=Severity.LOW)
    for filters in (given, Filters()):
        assert records.build(Filters, records.plain(filters, Filters)) == filters


def test_a_delivery_is_tried_eight_times_over_a_day_and_then_fails() -> None:
    delivery, now, waits = DELIVERY, NOON, []
    while delivery.due_at is not None:
        now = delivery.due_at
        delivery = model.after_attempt(delivery, Answer(status=500), now=now, chance=0.5)
        waits.append(0 if delivery.due_at is None else (delivery.due_at - now).total_seconds())
    assert waits == [*model.RETRY_AFTER_S, 0]
    assert (delivery.status, delivery.attempts, delivery.answered) == (Outcome.FAILED, 8, 500)


@pytest.mark.parametrize(("chance", "wait"), [(0.0, 4.0), (1.0, 6.0)])
def test_attempts_are_spread_by_a_fifth(chance: float, wait: float) -> None:
    after = model.after_attempt(DELIVERY, Answer(error="connect"), now=NOON, chance=chance)
    assert after.due_at == NOON + timedelta(seconds=wait)


def test_an_endpoint_that_asks_for_patience_gets_it() -> None:
    after = model.after_attempt(DELIVERY, Answer(status=503, retry_after_s=120), now=NOON, chance=0.5)
    assert after.due_at == NOON + timedelta(seconds=120)


@pytest.mark.parametrize("answer", [Answer(status=429), Answer(error=model.RATE_LIMITED)])
def test_a_rate_limit_is_no_attempt_for_a_day(answer: Answer) -> None:
    delivery, waits = DELIVERY, []
    while not delivery.attempts:
        now = delivery.due_at or NOON
        delivery = model.after_attempt(delivery, answer, now=now, chance=0)
        waits.append(((delivery.due_at or now) - now).total_seconds())
    assert waits[:3] == [5, 5, 5]
    assert max(waits[:-1]) < model.PATIENCE.total_seconds() / 4
    assert len(waits) < 50
    assert model.after_answer(WEBHOOK, answer, now=NOON) == WEBHOOK


def test_a_rate_limit_lasts_as_long_as_the_service_says() -> None:
    after = model.after_attempt(DELIVERY, Answer(status=429, retry_after_s=120), now=NOON, chance=0)
    assert (after.due_at, after.attempts, after.error) == (NOON + timedelta(seconds=120), 0, "ratelimited")
    after = model.after_attempt(DELIVERY, Answer(status=429, retry_after_s=10**9), now=NOON, chance=0)
    assert after.due_at == NOON + timedelta(hours=10)


def test_an_endpoint_that_is_gone_is_asked_no_more() -> None:
    answer = Answer(status=410)
    assert model.after_attempt(DELIVERY, answer, now=NOON, chance=0.5).status is Outcome.FAILED
    after = model.after_answer(WEBHOOK, answer, now=NOON)
    assert (after.is_enabled, after.ended) == (False, Ended.GONE)


def test_what_cannot_be_unsealed_is_not_tried_again_and_is_not_the_endpoints_fault() -> None:
    answer = Answer(error=model.UNREADABLE)
    after = model.after_attempt(DELIVERY, answer, now=NOON, chance=0.5)
    assert (after.status, after.due_at, after.error) == (Outcome.FAILED, None, "unreadable")
    assert model.after_answer(WEBHOOK, answer, now=NOON) == WEBHOOK


def failed(webhook: Webhook, *hours: float) -> Webhook:
    for hour in hours:
        webhook = model.after_answer(webhook, Answer(error="timeout"), now=NOON + timedelta(hours=hour))
    return webhook


def test_five_days_of_failures_switch_a_webhook_off_and_one_success_forgives() -> None:
    failing = failed(WEBHOOK, *range(0, 119, 12))
    assert (failing.is_enabled, failing.failing_since, failing.failures) == (True, NOON, 10)
    assert (failed(failing, 120).is_enabled, failed(failing, 120).ended) == (False, Ended.FAILING)
    forgiven = model.after_answer(failing, Answer(status=204), now=NOON + timedelta(hours=119))
    assert (forgiven.failing_since, forgiven.failures) == (None, 0)
    assert failed(forgiven, 120).is_enabled


@pytest.mark.parametrize(
    "hours",
    [
        pytest.param((0, 120), id="two failures five days apart"),
        pytest.param((*range(30), 150), id="a weekend without an endpoint, and a blip days later"),
        pytest.param((0, 20, 40, 60, 80, 100, 120), id="few attempts"),
    ],
)
def test_what_was_not_seen_to_fail_all_the_time_stays_on(hours: tuple[float, ...]) -> None:
    assert failed(WEBHOOK, *hours).is_enabled


@pytest.mark.parametrize(
    "url",
    ["ftp://example.com/x", "https://", "https://user:secret@example.com/", "https://example.com/#x", "https://exa mple.com/",
     "//example.com", "https://example.com:99999/", "https://[::1/", "javascript:alert(1)", "https://example.com\\@evil.example/"],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(Invalid):
        model.checked_url(url, Form.JSON)


@pytest.mark.parametrize("host", ["127.1", "0x7f.1", "2130706433", "0177.0.0.1", "127.0.0.1.", "１２７.1", "127。1"])
def test_a_number_instead_of_an_address_is_refused_and_said_why(host: str) -> None:
    with pytest.raises(Invalid, match="in full") as refusal:
        model.checked_url(f"http://{host}:8080/hook", Form.JSON)
    assert refusal.value.code == "invalid_webhook_url"
    assert model.checked_url("http://127.0.0.1:8080/hook", Form.JSON)


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        ("https://chat.example/services/T0/B0/secret", "https://chat.example/…"),
        ("https://example.com/hooks?token=secret", "https://example.com/…?…"),
        ("https://example.com:8443/?token=secret", "https://example.com:8443/?…"),
        ("https://example.com/", "https://example.com/"),
        ("https://example.com", "https://example.com"),
    ],
)
def test_what_could_be_a_password_is_not_shown(url: str, seen: str) -> None:
    assert model.shown(url, Form.JSON) == seen
    assert model.shown(seen, Form.JSON) == seen


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        ("https://api.github.com/repos/shop/ops/issues", "https://api.github.com/repos/shop/ops/issues"),
        ("https://git.example.com/secret/api/v1/repos/shop/ops/issues", "https://git.example.com/…/repos/shop/ops/issues"),
        ("https://git.example.com/api?key=secret/projects/7/issues", "https://git.example.com/…?…/projects/7/issues"),
        ("https://shop.atlassian.net/rest/api/2/project/OPS", "https://shop.atlassian.net/rest/api/2/project/OPS"),
        ("https://hooks.example.com/secret", "https://hooks.example.com/…"),
    ],
)
def test_the_project_of_tickets_is_shown(url: str, seen: str) -> None:
    assert model.shown(url, Form.TICKET) == seen
