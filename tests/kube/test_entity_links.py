"""Links in annotations: those of the known conventions, and only addresses that people may be led to."""

import json

import pytest

from optral.kube import entity_links

WIKI = "https://wiki.example.com/a?b=c#d"


def test_links_have_titles_and_an_order() -> None:
    annotations = {
        "backstage.io/source-location": "url:https://git.example.com/shop/",
        "a8r.io/runbook": WIKI,
        "a8r.io/owner": "https://example.com/not-a-link",
        "optral.ai/link-on-call-guide": "http://10.0.0.1:8080/",
        "optral.ai/link-": WIKI,
    }
    raw = json.dumps({"metadata": {"annotations": annotations}}).encode()
    assert [(link.title, link.url) for link in entity_links.of_manifest(raw)] == [
        ("On call guide", "http://10.0.0.1:8080/"),
        ("Runbook", WIKI),
        ("Source", "https://git.example.com/shop/"),
    ]


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//example.com",
        "https://",
        "https://user:pass@example.com/",
        "https://example.com@evil.example/",
        "https://example.com/ x",
        "https://exa\u202emple.com",
        'https://example.com/"><script>',
        "https://[::1",
        "https://example.com:0/",
        f"https://example.com/{'a' * 2_000}",
        "",
    ],
)
def test_what_could_mislead_or_run_is_no_link(url: str) -> None:
    assert entity_links.of_annotations({"a8r.io/runbook": url}) == []


def test_there_are_at_most_ten_links() -> None:
    assert len(entity_links.of_annotations({f"optral.ai/link-{number:02}": WIKI for number in range(50)})) == 10


@pytest.mark.parametrize("raw", [b"{}", b'{"metadata": {"annotations": {"a8r.io/runbook": 1}}}', b'{"metadata": null}'])
def test_an_object_without_annotations_has_no_links(raw: bytes) -> None:
    assert entity_links.of_manifest(raw) == []
