"""Logs: secrets are masked in a line and over the joint of two; ordinary lines stay as they are."""

import random
import time

import pytest

from optral.kube import logs
from optral.kube.redact import Redactor, scan

REDACTOR = Redactor(b"s" * 32)
TOKENS = [
    "ghp_0123456789abcdefghijABCDEFGHIJ012345",
    "glpat-abcdefghij0123456789",
    "xoxb-123456789012-abcdefghijkl",
    "AKIAIOSFODNN7EXAMPLE",
    "sk_live_abcdefghijklmnop0123",
    "npm_abcdefghijklmnopqrstuvwxyz0123456789",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
]


def redacted(text: str) -> str:
    return logs.redact(REDACTOR, text.encode())


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_split_at_any_place_leaves_neither_half(token: str) -> None:
    for cut in range(4, len(token) - 4):
        left, right = token[:cut], token[cut:]
        text = redacted(f"fetching with {left}\n{right} over https\nnext line\n")
        shown = [half for half in (left, right) if len(half) >= 8 and half in text]
        assert shown == [], f"cut at {cut}: {text!r}"
        assert text.endswith("next line\n")


@pytest.mark.parametrize(
    "line",
    [
        "db password=cnry-1 connected",
        'level=info msg="login" token: cnry1-abcdef0123',
        '{"user":"bob","password":"cnry-1","nested":{"api_key":"cnry-1"}}',
        "GET https://bob:cnry-1@example.org/path",
        "Authorization: Bearer cnry1abcdefghijklmnop0123",
        "\x1b[32mpassword=\x1b[0mcnry-1",
    ],
)
def test_a_secret_in_a_line_is_masked(line: str) -> None:
    text = redacted(f"before\n{line}\nafter\n")
    assert "cnry" not in text
    assert text.splitlines()[0] == "before" and text.splitlines()[-1] == "after"


def test_a_key_is_masked_whole_also_from_its_middle() -> None:
    body = ["MIIEpAIBAAKCAQEA" + "".join(random.Random(n).choices("ABCDEFGHabcdefgh0123456789+/", k=48)) for n in range(5)]
    begin, end = "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----"
    whole = redacted("\n".join(["loading", begin, *body, end, "loaded"]))
    tail = redacted("\n".join([*body[2:], end, "loaded"]))
    for text in (whole, tail):
        assert not [line for line in body if line in text]
        assert text.endswith("loaded\n")
    assert whole.startswith("loading\n")
    unended = redacted("\n".join([begin, *body]))
    assert not [line for line in body if line in unended]


def test_ordinary_lines_stay_as_they_are() -> None:
    lines = [
        "2026-01-15T12:00:00Z INFO started in 1.2s",
        "panic: runtime error: invalid memory address or nil pointer dereference",
        "goroutine 1 [running]:",
        "\tat com.example.Main.run(Main.java:42)",
        "java.lang.OutOfMemoryError: Java heap space",
        "failed to fetch token: pod not found",
        "GET /v1/orders?page=2 200 12ms trace=4bf92f3577b34da6",
        'Error: secret "db" not found',
        "",
        "done",
    ]
    assert redacted("\n".join(lines)).splitlines() == lines


def test_redacting_again_leaves_what_was_redacted() -> None:
    once = redacted("start\npassword=cnry-1\nghp_0123456789abcdef\nghijABCDEFGHIJ012345\nend\n")
    assert logs.redact_again(once) == once
    assert logs.redact_again("key_id is missing\n\nretry") == "key_id is missing\n\nretry"


def test_what_no_screen_should_obey_is_gone() -> None:
    text = redacted("a\x00b\x07\x1b]0;title\x07c\x1b[31mred\x1b[0m\u202ertl\u2066\x9b31m tab\there\r\n")
    assert not set(text) & set("\x00\x07\x1b\u202e\u2066\r")
    assert "\there" in text


def test_bytes_that_are_no_text_become_text() -> None:
    assert logs.redact(REDACTOR, b"ok \xff\xfe\n") == "ok \ufffd\ufffd\n"
    assert logs.redact(REDACTOR, b"") == ""


def test_nothing_in_the_outcome_looks_like_a_secret() -> None:
    rng = random.Random(7)
    words = ["password=", "token ", "Bearer ", "secret: ", "ok", "\n", "\n", "=", " ", *TOKENS, *(token[:12] for token in TOKENS), "x" * 40]
    for _ in range(400):
        text = redacted("".join(rng.choices(words, k=rng.randint(2, 14))))
        assert not scan(text.encode()), text


def test_a_megabyte_is_read_in_a_moment() -> None:
    line = "2026-01-15T12:00:00Z INFO request handled path=/api/items status=200 duration=12ms user=bob\n"
    raw = (line * (1024 * 1024 // len(line))).encode() + b"x" * 200_000
    started = time.thread_time()
    logs.redact(REDACTOR, raw)
    assert time.thread_time() - started < 5
