"""An explanation that rests on a log line says what the line names, and states it as facts."""

import pytest

from optral.analysis.causes.facts import FACTS
from optral.analysis.rules import log_causes, log_words
from optral.analysis.rules.containers import LogLine
from optral.kube import log_signs
from optral.kube.log_slots import SLOTS
from tests.analysis.cases import CASES
from tests.analysis.cases.base import crash


@pytest.mark.parametrize(
    ("log", "words", "facts"),
    [
        ('ERROR: relation "invoices" does not exist', "table `invoices` does not exist", {"table": "invoices"}),
        ("Error 1049: Unknown database 'orders'", "database `orders` does not exist", {"database": "orders"}),
        (
            'nginx: [emerg] unknown directive "proxy_pas" in /etc/nginx/conf.d/default.conf:9',
            "line `9` of `/etc/nginx/conf.d/default.conf` cannot be read",
            {"line": "9", "path": "/etc/nginx/conf.d/default.conf"},
        ),
        ('FATAL: password authentication failed for user "app"', "user `app` is rejected", {"user": "app"}),
        ("open /var/lib/app/lock: permission denied", "may not read or write `/var/lib/app/lock`", {"path": "/var/lib/app/lock"}),
        ("ModuleNotFoundError: No module named 'yaml'", "`yaml` is missing from the image", {"library": "yaml"}),
        (
            'pods is forbidden: User "system:serviceaccount:orders:default" cannot list resource "pods" in API group ""',
            "the ServiceAccount may not `list` `pods`",
            {"verb": "list", "resource": "pods"},
        ),
        ("dial tcp: lookup api.partner.test: no such host", "a connection to `api.partner.test` failed", {"address": "api.partner.test"}),
        ("Error: failed to add license: conflicts : invalid license key", "a license is missing, invalid or expired", {}),
    ],
)
def test_what_a_line_names_is_said_and_stated(log: str, words: str, facts: dict[str, str]) -> None:
    _, found = crash(1, log)
    assert found.root_cause is not None
    assert f"The log reports that {words}: `" in found.root_cause["explanation"] or words in found.root_cause["explanation"]
    assert facts.items() <= {fact["name"]: fact["value"] for fact in found.root_cause["facts"]}.items()


def test_the_deepest_cause_of_a_stack_is_what_is_said() -> None:
    _, found = crash(
        1,
        "org.springframework.beans.factory.BeanCreationException: Error creating bean with name 'dataSource'\n"
        "\tat org.springframework.beans.factory.support.Factory.create(Factory.java:11)\n"
        "Caused by: org.hibernate.HibernateException: Access to DialectResolutionInfo cannot be null\n"
        "\t... 31 more\n"
        'Caused by: org.postgresql.util.PSQLException: FATAL: password authentication failed for user "orders"\n'
        "\t... 40 more\n",
    )
    assert found.root_cause is not None and found.root_cause["id"] == "bad_credentials"
    assert "user `orders` is rejected" in found.root_cause["explanation"]


def test_a_value_that_must_not_be_quoted_is_not_named() -> None:
    line = LogLine("ev_1", "relation `x` does not exist", {"table": "`x`"})
    assert "table" not in dict(log_words.reported("schema", line, "A table does not exist").facts)
    line = LogLine("ev_1", "something else", {"table": "orders"})
    assert log_words.reported("schema", line, "A table does not exist").text.startswith("A table does not exist")


def test_the_words_name_slots_of_their_sign_and_known_facts() -> None:
    slots = {sign.name: set(sign.slots) for sign in log_signs.SIGNS}
    for sign, choices in log_words.WORDS.items():
        for words in choices:
            names = log_words.places(words)
            assert names and set(names) <= FACTS.keys()
            assert {log_words.SLOT_OF_FACT.get(name, name) for name in names} <= slots[sign] <= SLOTS.keys()


def test_every_sign_says_what_it_means() -> None:
    assert set(log_causes.CAUSES) <= set(log_signs.NAMES)
    assert log_words.meaning("memory") == "The log reports that a server has reached its memory limit"
    assert log_words.meaning("loop").startswith("The log reports that DNS queries")


def test_a_configuration_file_that_the_log_names_is_a_stronger_cause_than_one_that_it_does_not() -> None:
    named = CASES["has_an_unknown_directive_in_its_configuration"][2]()[1]
    unnamed = CASES["has_a_file_that_is_no_toml"][2]()[1]
    assert named.level > unnamed.level


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("load config: /etc/shop/app.yaml: yaml: line 2: could not find expected ':'", id="Go"),
        pytest.param("error: failed to parse config file /etc/shop/app.yaml: line 3", id="a line without a column"),
    ],
)
def test_the_file_of_a_configuration_is_named_as_the_parser_names_it(line: str) -> None:
    _, found = crash(1, line)
    assert found.root_cause is not None
    assert {"name": "path", "value": "/etc/shop/app.yaml"}.items() <= next(
        one for one in found.root_cause["facts"] if one["name"] == "path"
    ).items()
