"""A failed request is ordinary; many failed requests are a failure."""

import pytest

from optral.kube import access_logs
from optral.kube.log_tally import Line, of_lines

NGINX = '10.0.0.7 - - [02/Mar/2026:12:00:00 +0000] "GET /{path} HTTP/1.1" {status} 162 "-" "curl/8.5"'
FORMATS = [
    pytest.param(NGINX.replace("{path}", "x"), id="combined format"),
    pytest.param('INFO:     10.0.0.7:53211 - "POST /v1/orders HTTP/1.1" {status} Internal Server Error', id="uvicorn"),
    pytest.param('[02/Mar/2026 12:00:00] "GET /orders HTTP/1.1" {status} 145', id="Django"),
    pytest.param("GET /orders {status} 3.217 ms - 21", id="morgan"),
    pytest.param('[GIN] 2026/03/02 - 12:00:00 | {status} |    1.204ms |   10.0.0.7 | GET      "/orders"', id="Gin"),
    pytest.param('{"level":"info","method":"GET","path":"/orders","status":{status},"latency_ms":3}', id="JSON"),
    pytest.param('{"ClientAddr":"10.0.0.7:1","DownstreamStatus":{status},"RequestMethod":"GET"}', id="Traefik"),
    pytest.param("level=info method=GET path=/orders status={status} duration=3ms", id="logfmt"),
    pytest.param('[2026-03-02T12:00:00.000Z] "GET /orders HTTP/1.1" {status} - via_upstream - "-" 0 0 3 2', id="Envoy"),
]


@pytest.mark.parametrize("line", FORMATS)
def test_the_status_of_a_request(line: str) -> None:
    assert [access_logs.is_failed(line.replace("{status}", status)) for status in ("200", "404", "499", "500", "503")] == [
        False,
        False,
        False,
        True,
        True,
    ]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param('10.0.0.1 - - [02/Mar/2026:12:00:00 +0000] "GET /healthz HTTP/1.1" 503 0 "-" "kube-probe/1.36"', id="a probe"),
        pytest.param('HTTP Request: GET http://store/ "HTTP/1.1 500 Internal Server Error"', id="a call that this program makes"),
        pytest.param("GET in progress after 500 ms", id="a number that is no status"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_is_no_request(line: str) -> None:
    assert access_logs.is_failed(line) is None


REQUESTS_ERROR = "requests.exceptions.HTTPError: {} for url: {}"
CALLS = [
    (REQUESTS_ERROR.format("413 Client Error: Request Entity Too Large", "http://uploads:8080/v1/files"), ("response",)),
    (REQUESTS_ERROR.format("500 Server Error: Internal Server Error", "http://orders.shop.svc/v1"), ("response",)),
    ("httpx.HTTPStatusError: Client error '400 Bad Request' for url 'http://orders.shop.svc.cluster.local:80/v1'", ("response",)),
    ('HTTP Request: GET http://10.0.0.7/ "HTTP/1.1 500 Internal Server Error"', ("response",)),
    ('POST "http://orders:8080/v1": unexpected status code 422', ("response",)),
    (REQUESTS_ERROR.format("403 Client Error: Forbidden", "http://orders/v1"), ("credentials",)),
    (REQUESTS_ERROR.format("503 Server Error: Service Unavailable", "http://orders/v1"), ("dependency",)),
    (REQUESTS_ERROR.format("404 Client Error: Not Found", "http://orders/v1/7"), None),
    ('PUT "http://orders:8080/v1": unexpected status code 409', None),
    (REQUESTS_ERROR.format("500 Server Error: Internal Server Error", "https://hooks.elsewhere.test/v1"), None),
    ("fetched http://orders/v1 in 500 ms", None),
]


@pytest.mark.parametrize(("line", "signs"), CALLS)
def test_what_the_answer_to_a_call_means(line: str, signs: tuple[str, ...] | None) -> None:
    assert access_logs.signs(line) == signs


def traffic(*, failed_of_ten: int, minutes: int = 4, status: int = 500) -> list[Line]:
    """Ten requests every ten seconds, of which so many fail."""
    return [
        Line(1000 + ten * 10 + number / 10, NGINX.format(path=number, status=status if number < failed_of_ten else 200))
        for ten in range(minutes * 6)
        for number in range(10)
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(traffic(failed_of_ten=3), ["errors"], id="a third fails"),
        pytest.param(traffic(failed_of_ten=10, minutes=1), [], id="for less than a minute"),
        pytest.param(traffic(failed_of_ten=0, minutes=30) + [Line(2900, NGINX.format(path="a", status=500))] * 3, [], id="a few"),
        pytest.param(traffic(failed_of_ten=3, status=502), ["dependency"], id="a gateway whose server does not answer"),
        pytest.param(traffic(failed_of_ten=3, status=499), [], id="clients that do not wait"),
        pytest.param(traffic(failed_of_ten=3, status=429), [], id="a rate limit"),
    ],
)
def test_when_requests_fail(lines: list[Line], expected: list[str]) -> None:
    tally = of_lines(lines)
    assert [sign.sign for sign in tally.lasting(now=lines[-1].at + 20)] == expected


def test_json_with_a_message_is_an_access_line_too() -> None:
    body = '{"level":"info","msg":"request completed","method":"POST","path":"/v1/orders?token=a","status":500,"ms":3}'
    tally = of_lines(Line(1000 + number * 5, body) for number in range(40))
    (sign,) = tally.lasting(now=1210)
    assert (sign.sign, sign.example) == ("errors", "POST /v1/orders 500")


def test_a_busy_proxy_with_an_error_now_and_then_is_healthy() -> None:
    lines = [Line(1000 + number, NGINX.format(path=number, status=502 if number % 50 == 0 else 200)) for number in range(600)]
    assert of_lines(lines).lasting(now=1620) == []
