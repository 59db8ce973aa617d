"""Times from callers are RFC 3339, whole and with an offset."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from optral.api.http.times import moment
from tests.api.conftest import Api

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-01-15T12:00:00Z", NOON),
        ("2026-01-15t12:00:00z", NOON),
        ("2026-01-15T13:00:00+01:00", NOON),
        ("2026-01-15T12:00:00.25-00:00", NOON + timedelta(milliseconds=250)),
        ("2026-01-15T12:00:00.123456789Z", NOON + timedelta(microseconds=123456)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
        ("0001-01-01T00:00:00+23:59", datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=23, minutes=59)))),
    ],
)
def test_reads(text: str, meant: datetime) -> None:
    assert moment(text) == meant


NOT_TIMES = [
    "0.5",
    "1768478400",
    "2026-01-15",
    "2026-01-15T12:00Z",
    "2026-01-15 12:00:00Z",
    "2026-01-15T12:00:00",
    "2026-02-30T12:00:00Z",
    "2026-01-15T24:00:00Z",
    "2026-01-15T12:00:00+24:00",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:60Z",
    "２026-01-15T12:00:00Z",
    "now",
]


@pytest.mark.parametrize("given", [*NOT_TIMES, 0.5, 1768478400, None, True])
def test_refuses(given: Any) -> None:
    with pytest.raises((ValueError, OverflowError)):
        moment(given)


async def test_no_address_takes_what_is_no_time(api: Api) -> None:
    for path in ("/v1/issues?since=", "/v1/issues?until=", "/v1/events?since=", "/v1/audit?until="):
        for given in NOT_TIMES:
            answer = await api.get(path + given.replace("+", "%2B"))
            assert (answer.status_code, answer.json()["code"]) == (400, "bad_parameter"), given
        assert (await api.get(f"{path}0001-01-01T00:00:00%2B23:59")).status_code == 200
        assert (await api.get(f"{path}9999-12-31T23:59:59-23:59")).status_code == 200
    for body in (1768478400, 0.5, "2026-01-16"):
        refused = await api("POST", "/v1/api-keys", json={"name": "k", "expiresAt": body})
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_body")
    assert (await api.get("/v1/api-keys")).json()["total"] == 1
