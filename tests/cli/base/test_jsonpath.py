"""The dialect of kubectl, as far as it is supported; the examples are those of the Kubernetes page about JSONPath, on our own answers."""

from typing import Any

import pytest

from optral.cli.base import jsonpath
from optral.terms.errors import Misconfigured

ANSWER: dict[str, Any] = {
    "issues": [
        {
            "id": "iss_1",
            "severity": "critical",
            "count": 3,
            "owner": {"name": "web"},
            "labels": {"app.kubernetes.io/name": "web"},
            "ok": True,
        },
        {"id": "iss_2", "severity": "low", "count": 1, "owner": {"name": "api"}, "labels": {}},
    ],
    "total": 2,
}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{.total}", "2"),
        ("{$.total}", "2"),
        (".issues[*].id", "iss_1 iss_2"),
        ("total", "2"),
        ("{.issues[*].id}", "iss_1 iss_2"),
        ("{.issues[0].id}", "iss_1"),
        ("{.issues[-1].id}", "iss_2"),
        ("{.issues[0:1].id}", "iss_1"),
        ("{.issues[-1:].id}", "iss_2"),
        ("{.issues[0,1].id}", "iss_1 iss_2"),
        ("{.issues[*]['id','severity']}", "iss_1 critical iss_2 low"),
        ("{..name}", "web api"),
        ('{.issues[?(@.severity=="critical")].id}', "iss_1"),
        ("{.issues[?(@.severity != 'critical')].id}", "iss_2"),
        ("{.issues[?(@.count>1)].id}", "iss_1"),
        ("{.issues[?(@.owner.name=='api')].id}", "iss_2"),
        ("{.issues[?(@.ok)].id}", "iss_1"),
        ("{.issues[?(@.ok==true)].id}", "iss_1"),
        ("{.issues[?(@.id>1)].id}", ""),
        (r"{.issues[0].labels.app\.kubernetes\.io/name}", "web"),
        ("{.issues[0].labels['app.kubernetes.io/name']}", "web"),
        ('{range .issues[*]}{.id}{"\\t"}{.severity}{"\\n"}{end}', "iss_1\tcritical\niss_2\tlow\n"),
        ("first {.issues[0].id}, all {.total}", "first iss_1, all 2"),
        ("{.issues[1].owner}", '{"name":"api"}'),
        ("{.nothing}", ""),
        ("{.issues[7].id}", ""),
        ("{.total.id}", ""),
        ("{.issues[0].ok}", "true"),
        ('{"{}"}', "{}"),
        ("{@.total}", "2"),
        ("{range .issues[*]}{range .owner}{.name};{end}{end}", "web;api;"),
    ],
)
def test_what_a_template_prints(template: str, expected: str) -> None:
    assert jsonpath.template(template).render(ANSWER) == expected


@pytest.mark.parametrize(
    "template",
    ["{.a", "{.a}}", "{range .a[*]}{.b}", "{end}", "{.a[}", "{.a[x]}", "{.a[?(x)]}", '{"a}', "{.a[?(@.b==c)]}", "{.a b}", "x" * 5000],
)
def test_a_template_that_is_none_is_said_in_one_line(template: str) -> None:
    with pytest.raises(Misconfigured, match="jsonpath: ") as refused:
        jsonpath.template(template)
    assert "\n" not in refused.value.say
