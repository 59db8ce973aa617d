"""Settings: what they accept, the error for a bad one, and that each is documented."""

from pathlib import Path

import pytest

from optral import __version__
from optral.server import settings
from optral.terms.errors import Misconfigured

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


MAIL = {"OPTRAL_SMTP_HOST": "mail.test", "OPTRAL_SMTP_FROM": "optral@mail.test", "OPTRAL_PUBLIC_URL": "https://optral.test"}


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        pytest.param({"OPTRAL_LISTEN": "8080"}, "OPTRAL_LISTEN: must be HOST:PORT", id="no host"),
        pytest.param({"OPTRAL_LISTEN": "127.0.0.1:99999"}, "OPTRAL_LISTEN: must be HOST:PORT", id="no such port"),
        pytest.param({"OPTRAL_LISTEN": "0.0.0.0:8080"}, "OPTRAL_INSECURE_HTTP", id="plain HTTP for everybody"),
        pytest.param({"OPTRAL_SMTP_HOST": "mail.test"}, "OPTRAL_SMTP_HOST needs OPTRAL_SMTP_FROM, and OPTRAL_PUBLIC_URL", id="no sender"),
        pytest.param({**MAIL, "OPTRAL_SMTP_USERNAME": "optral"}, "OPTRAL_SMTP_PASSWORD_FILE go together", id="user without password"),
        pytest.param(
            {**MAIL, "OPTRAL_SMTP_USERNAME": "optral", "OPTRAL_SMTP_PASSWORD_FILE": "p", "OPTRAL_SMTP_TLS": "none"},
            "OPTRAL_SMTP_USERNAME needs TLS",
            id="password without TLS",
        ),
        pytest.param({**MAIL, "OPTRAL_SMTP_FROM": "Optral <a@mail.test>"}, "OPTRAL_SMTP_FROM", id="a sender that is no plain address"),
        pytest.param({"OPTRAL_TLS_CERT": "a.pem"}, "go together", id="certificate without key"),
        pytest.param({"OPTRAL_RATE_LIMIT_FREE": "many"}, "OPTRAL_RATE_LIMIT_FREE", id="not a number"),
        pytest.param({"OPTRAL_TRUSTED_PROXIES": "10.0.0.0/8,here"}, "OPTRAL_TRUSTED_PROXIES", id="not a network"),
        pytest.param({"OPTRAL_PUBLIC_URL": "optral.example.com"}, "OPTRAL_PUBLIC_URL", id="no scheme"),
        pytest.param({"OPTRAL_AGENT_ADDRESS": "a b"}, "OPTRAL_AGENT_ADDRESS", id="not a host"),
        pytest.param({"OPTRAL_AGENT_IMAGE": "registry.example.com:5000/agent"}, "OPTRAL_AGENT_IMAGE: must end in a tag", id="no tag"),
        pytest.param({"OPTRAL_AGENT_IMAGE": "example.com/agent:latest"}, "OPTRAL_AGENT_IMAGE: must end in a tag", id="a tag that moves"),
        pytest.param({"OPTRAL_AGENT_IMAGE_DIGEST": "sha256:12"}, "OPTRAL_AGENT_IMAGE_DIGEST", id="half a digest"),
        pytest.param({"OPTRAL_IMAGE_REGISTRY": "https://example.com"}, "OPTRAL_IMAGE_REGISTRY", id="a URL for a registry"),
        pytest.param({"OPTRAL_IMAGE_PULL_SECRETS": "a, B"}, "OPTRAL_IMAGE_PULL_SECRETS: 'B'", id="not a name of a Secret"),
        pytest.param(
            {"OPTRAL_DATABASE_PASSWORD_FILE": "/dev/null", "OPTRAL_DATABASE_URL": "postgresql://optral@db/optral"},
            "is empty",
            id="no password",
        ),
        pytest.param(
            {"OPTRAL_DATABASE_PASSWORD_FILE": "/nowhere", "OPTRAL_DATABASE_URL": "postgresql://optral@db/optral"},
            "cannot read /nowhere",
            id="no file with a password",
        ),
        pytest.param(
            {"OPTRAL_DATABASE_PASSWORD_FILE": "/dev/null", "OPTRAL_DATABASE_URL": "postgresql://optral:secret@db/optral"},
            "without a password",
            id="two passwords",
        ),
        pytest.param({"OPTRAL_DATABASE_PASSWORD_FILE": "/dev/null"}, "postgresql://USER@HOST", id="a password for SQLite"),
        pytest.param({"OPTRAL_DATADIR": "/x"}, "did you mean OPTRAL_DATA_DIR?", id="misspelt"),
    ],
)
def test_a_bad_value_is_one_line_that_names_the_setting(variables: dict[str, str], told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured) as refused:
        settings.load()
    assert told in refused.value.say
    assert "\n" not in refused.value.say


def test_variables_that_kubernetes_adds_for_a_service_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTRAL_SERVICE_HOST", "10.96.0.7")
    monkeypatch.setenv("OPTRAL_PORT_8080_TCP", "tcp://10.96.0.7:8080")
    settings.load()


def test_an_option_wins_over_the_environment_and_that_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "optral.toml").write_text('listen = "127.0.0.1:1"\nlog_format = "json"\n')
    monkeypatch.setenv("OPTRAL_LISTEN", "127.0.0.1:2")
    assert settings.load().listen == "127.0.0.1:2"
    assert settings.load(listen="127.0.0.1:3").listen == "127.0.0.1:3"
    assert settings.load().log_format == "json"


def test_the_password_of_the_database_comes_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("p@ss/w:rd?\n")
    loaded = settings.load(database_url="postgresql://optral@db:5432/optral?sslmode=require", database_password_file=file)
    assert loaded.database_url == "postgresql://optral:p%40ss%2Fw%3Ard%3F@db:5432/optral?sslmode=require"


def test_the_agents_address_is_taken_apart() -> None:
    assert settings.load(agent_address="optral.example.com").dialled == ("optral.example.com", None, None)
    assert settings.load(agent_address="optral.example.com:1,2").dialled == ("optral.example.com", 1, 2)
    assert settings.load().dialled is None


def test_further_urls_of_the_server_keep_their_order() -> None:
    loaded = settings.load(public_url="https://a.test", fallback_urls="https://c.test/, https://b.test:8443,https://c.test")
    assert loaded.fallback_urls == ("https://c.test", "https://b.test:8443")
    assert settings.load().fallback_urls == ()


@pytest.mark.parametrize(
    ("urls", "sentence"),
    [
        ("optral.example.com", "OPTRAL_FALLBACK_URLS: 'optral.example.com' must be http:// or https:// with a host"),
        ("https://a.test/path", "must be http:// or https:// with a host"),
        (",".join(f"https://s{number}.test" for number in range(8)), "an agent takes at most 7 URLs beside OPTRAL_PUBLIC_URL"),
    ],
)
def test_further_urls_that_no_agent_would_take_are_refused(urls: str, sentence: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        settings.load(public_url="https://a.test", fallback_urls=urls)
    assert sentence in caught.value.say


def test_further_urls_need_a_first_one() -> None:
    with pytest.raises(Misconfigured) as caught:
        settings.load(fallback_urls="https://b.test")
    assert "needs OPTRAL_PUBLIC_URL" in caught.value.say


DIGEST = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("given", "image"),
    [
        ({}, None),
        ({"agent_image_digest": DIGEST}, None),
        ({"image_registry": "example.com:5000/tools"}, f"example.com:5000/tools/optral-agent:{__version__}"),
        ({"image_registry": "example.com", "agent_image_digest": DIGEST}, f"example.com/optral-agent:{__version__}@{DIGEST}"),
        ({"image_registry": "example.com", "agent_image": "mirror.example.com/agent:2"}, "mirror.example.com/agent:2"),
        ({"agent_image": f"mirror.example.com/agent@{DIGEST}"}, f"mirror.example.com/agent@{DIGEST}"),
    ],
)
def test_the_agents_image_carries_a_version_or_a_digest(given: dict[str, str], image: str | None) -> None:
    assert settings.load(**given).agent_image_reference == image


def test_every_setting_is_documented() -> None:
    assert PAGE.read_text() == settings.document(), (
        "run: python -c 'from optral.server import settings; print(settings.document(), end=\"\")'"
    )
