"""Which repository an address means, which are allowed, and which addresses, names and prefixes are refused."""

import pytest

from optral.forges import model
from optral.terms.errors import Invalid
from tests.forges.values import forge_of


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("https://git.example.com/shop/deploy.git", "shop/deploy"),
        ("https://git.example.com/shop/deploy", "shop/deploy"),
        ("https://GIT.example.com/shop/deploy/", "shop/deploy"),
        ("https://git.example.com/platform/shop/deploy.git", "platform/shop/deploy"),
        ("git@git.example.com:shop/deploy.git", "shop/deploy"),
        ("ssh://git@git.example.com:2222/shop/deploy.git", "shop/deploy"),
        ("https://git.example.com:8443/shop/deploy.git", "shop/deploy"),
        ("https://git.example.com.evil.example/shop/deploy.git", None),
        ("https://evil.example/git.example.com/shop/deploy.git", None),
        ("https://git.example.com@evil.example/shop/deploy.git", None),
        ("git@evil.example:git.example.com/shop/deploy.git", None),
        ("https://git.example.com/deploy.git", None),
        ("https://git.example.com/shop/de ploy", None),
        ("https://git.example.com/shop/*", None),
        ("oci://ghcr.example.com/shop/deploy", None),
        ("", None),
        ("https://[", None),
    ],
)
def test_an_address_that_git_clones_names_a_repository_of_its_host_alone(address: str, path: str | None) -> None:
    assert forge_of().repository_of(address) == path


def test_a_forge_below_a_path_has_its_repositories_there() -> None:
    forge = forge_of(url="https://example.com/git")
    assert forge.repository_of("https://example.com/git/shop/deploy.git") == "shop/deploy"
    assert forge.repository_of("https://example.com/shop/deploy.git") is None
    assert forge.repository_of("git@example.com:shop/deploy.git") == "shop/deploy"


@pytest.mark.parametrize(
    ("allowed", "repository", "is_allowed"),
    [
        ("shop/deploy", "shop/deploy", True),
        ("shop/deploy", "Shop/Deploy", True),
        ("shop/deploy", "shop/deploy-2", False),
        ("shop/*", "shop/deploy", True),
        ("shop/*", "shop/prod/deploy", True),
        ("shop/*", "shop2/deploy", False),
        ("shop/*", "my/shop/deploy", False),
    ],
)
def test_only_named_repositories_are_allowed(allowed: str, repository: str, is_allowed: bool) -> None:
    assert forge_of(repositories=(allowed,)).allows(repository) is is_allowed


@pytest.mark.parametrize("url", ["https://git.example.com/", "https://git.example.com/git/", "http://10.0.0.1:3000"])
def test_an_address_loses_its_slash(url: str) -> None:
    assert model.checked(forge_of(url=url)).url == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    ["git.example.com", "ftp://git.example.com", "https://user:word@git.example.com", "https://git.example.com?x=1",
     "https://git.example.com#x", "https://127.1", "https://2130706433/", "https://", "https://git.example.com:0", "https://a b"],
)  # fmt: skip
def test_what_is_no_address_of_a_forge_is_refused(url: str) -> None:
    with pytest.raises(Invalid):
        model.checked(forge_of(url=url))


@pytest.mark.parametrize("name", ["shop", "/shop/deploy", "shop/", "shop//deploy", "*/*", "*", "shop/de*", "shop/../x", "a b/c"])
def test_what_is_no_repository_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        model.checked(forge_of(repositories=(name,)))


@pytest.mark.parametrize("prefix", ["", "/x", "x..y", "a b", "-x", "x//y", "x" * 41, "x."])
def test_what_git_refuses_as_a_branch_is_refused_as_a_prefix(prefix: str) -> None:
    with pytest.raises(Invalid):
        model.checked(forge_of(branch_prefix=prefix))
