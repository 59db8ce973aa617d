"""`optral doctor` on set-ups that are broken in one way each: the fault is named, with what to do, and the other checks go on."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from optral.kit.clock import SystemClock
from optral.server import database, doctor, settings as server_settings
from optral.server.doctor import Level, Line
from optral.server.settings import Settings
from optral.store import disk, migrations
from optral.store.sqlite import write_engine
from tests.store import next_revision
from tests.support.mailserver import PASSWORD, USER, MailServer, mail_server, self_signed
from tests.support.platform import free_ports, running

pytestmark = pytest.mark.slow  # databases of their own


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder after the first start."""
    folder = tmp_path_factory.mktemp("doctor") / "data"

    async def start() -> None:
        async with database.opened(server_settings.load(data_dir=folder), SystemClock()):
            pass

    asyncio.run(start())
    return folder


@pytest.fixture
def folder(started: Path, tmp_path: Path) -> Path:
    import shutil

    return Path(shutil.copytree(started, tmp_path / "data"))


def certificate(folder: Path, *, days: int, name: str = "optral.example.com") -> dict[str, Path]:
    """A self-signed certificate that is valid for so many days from now."""
    key, subject = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=90))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "tls.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    (folder / "tls.key").write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return {"tls_cert": folder / "tls.crt", "tls_key": folder / "tls.key"}


def lines(settings: Settings, check: str) -> list[Line]:
    return [line for line in doctor.examine(settings) if line.check == check]


def loaded(folder: Path, **given: object) -> Settings:
    return server_settings.load(data_dir=folder, listen=f"127.0.0.1:{free_ports(1)[0]}", **given)


def test_nothing_is_wrong_with_a_new_server_but_its_unset_addresses(folder: Path) -> None:
    found = doctor.examine(loaded(folder))
    assert {line.check for line in found} == set(doctor.CHECKS)
    assert not [line for line in found if line.level is Level.ERROR]
    assert {line.check for line in found if line.level is Level.WARNING} <= {"addresses", "disk", "open files"}


Break = Callable[[Path, pytest.MonkeyPatch], dict[str, object]]


def _pepper_is_gone(folder: Path, _: pytest.MonkeyPatch) -> dict[str, object]:
    (folder / "pepper").unlink()
    return {}


def _pepper_of_another(folder: Path, _: pytest.MonkeyPatch) -> dict[str, object]:
    (folder / "pepper").write_text("ab" * 32)
    return {}


def _open_to_others(folder: Path, _: pytest.MonkeyPatch) -> dict[str, object]:
    folder.chmod(0o755)
    return {}


def _older_schema(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    next_revision.add(monkeypatch, folder.parent / "next")
    return {}


def _unreleased_schema(folder: Path, _: pytest.MonkeyPatch) -> dict[str, object]:
    engine = write_engine(folder / "optral.db")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    engine.dispose()
    return {}


def _newer_schema(folder: Path, _: pytest.MonkeyPatch) -> dict[str, object]:
    engine = write_engine(folder / "optral.db")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    return {}


def _damaged(folder: Path, _: pytest.MonkeyPatch) -> dict[str, object]:
    path = folder / "optral.db"
    content = bytearray(path.read_bytes())
    content[8192:40960] = bytes(32768)
    path.write_bytes(content)
    return {}


def _no_database(folder: Path, _: pytest.MonkeyPatch) -> dict[str, object]:
    (folder / "optral.db").unlink()
    return {}


def _audit_cut(folder: Path, _: pytest.MonkeyPatch) -> dict[str, object]:
    engine = write_engine(folder / "optral.db")
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO organisations (org_id, name, plan, created_at) VALUES ('org_1', 'Shop', 'free', 0)")
        heads = "INSERT INTO audit_heads (org_id, seq, hash, base_seq, base_hash) VALUES ('org_1', 1, x'01', 0, x'00')"
        connection.exec_driver_sql(heads)
    engine.dispose()
    return {}


def _unreachable(_: Path, __: pytest.MonkeyPatch) -> dict[str, object]:
    return {"database_url": f"postgresql://optral@127.0.0.1:{free_ports(1)[0]}/optral"}


def _full_disk(_: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    monkeypatch.setattr(disk, "free_share", lambda _path: 0.02)
    return {}


def _expired(folder: Path, _: pytest.MonkeyPatch) -> dict[str, object]:
    return dict(certificate(folder, days=-2))


def _expires_soon(folder: Path, _: pytest.MonkeyPatch) -> dict[str, object]:
    return dict(certificate(folder, days=5))


def _for_another_host(folder: Path, _: pytest.MonkeyPatch) -> dict[str, object]:
    return {**certificate(folder, days=300), "public_url": "https://other.example.com"}


def _trusts_all(_: Path, __: pytest.MonkeyPatch) -> dict[str, object]:
    return {"trusted_proxies": "0.0.0.0/0"}


def _through_a_proxy(_: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com:3128")
    return {"public_url": "https://optral.example.com"}


@pytest.mark.parametrize(
    ("break_it", "check", "level", "words"),
    [
        (_pepper_is_gone, "secrets", Level.ERROR, "pepper is missing"),
        (_pepper_of_another, "secrets", Level.ERROR, "is not the secret of this database"),
        (_open_to_others, "data folder", Level.WARNING, "other users"),
        (_older_schema, "database", Level.WARNING, f"schema {migrations.HEAD}"),
        (_unreleased_schema, "database", Level.ERROR, "schema 0001"),
        (_newer_schema, "database", Level.ERROR, "newer Optral"),
        (_damaged, "database", Level.ERROR, "damage"),
        (_no_database, "database", Level.ERROR, "does not exist"),
        (_audit_cut, "audit log", Level.ERROR, "was tampered with or damaged: removed at number 1"),
        (_unreachable, "database", Level.ERROR, "cannot reach the database"),
        (_full_disk, "disk", Level.ERROR, "accepts no new data"),
        (_expired, "certificate", Level.ERROR, "expired on"),
        (_expires_soon, "certificate", Level.WARNING, "expires in"),
        (_for_another_host, "certificate", Level.ERROR, "is not for other.example.com"),
        (_trusts_all, "proxies", Level.ERROR, "trusts every address"),
        (_through_a_proxy, "proxies", Level.WARNING, "go through http://proxy.example.com:3128"),
    ],
)
def test_a_fault_is_named_with_what_to_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch, break_it: Break, check: str, level: Level, words: str
) -> None:
    settings = loaded(folder, **break_it(folder, monkeypatch))
    named = [line for line in lines(settings, check) if words in line.text]
    assert [line.level for line in named] == [level], doctor.examine(settings)
    assert named[0].remedy or any(words in named[0].text for words in ("OPTRAL_", "start that version", "start with an empty one"))
    assert {line.check for line in doctor.examine(settings)} >= set(doctor.CHECKS) - {"disk"}  # the others go on


def test_addresses_of_a_running_server_are_tried(tmp_path: Path) -> None:
    wrong = free_ports(1)[0]
    with running(tmp_path) as platform:
        given = {"data_dir": tmp_path / "data", "listen": f"127.0.0.1:{platform.port}"}
        right = server_settings.load(
            **given, public_url=platform.url, agent_address=f"127.0.0.1:{platform.enroll_port},{platform.tunnel_port}"
        )
        found = lines(right, "addresses")
        assert [line.text for line in found if line.level is Level.ERROR] == []
        assert f"{platform.url} answers" in [line.text for line in found]
        second = server_settings.load(**given, public_url=platform.url, fallback_urls=f"http://127.0.0.1:{wrong}")
        assert any(f"http://127.0.0.1:{wrong} does not answer" in line.text for line in lines(second, "addresses"))
        off = server_settings.load(**given, public_url=f"http://127.0.0.1:{wrong}", agent_address=f"127.0.0.1:{wrong},{wrong}")
        assert [line.level for line in lines(off, "addresses")].count(Level.ERROR) == 3


def test_the_sign_in_at_the_mail_server_is_tried_and_nothing_is_sent(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, trusted = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    (tmp_path / "password").write_text(PASSWORD + "\n")
    server = MailServer()

    async def look(username: str) -> list[Line]:
        async with mail_server(server, context=context, authenticator=server.authenticate, auth_required=True):
            given = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_from": "optral@example.com"}
            given |= {"smtp_username": username, "smtp_password_file": tmp_path / "password", "public_url": "https://optral.test"}
            return await asyncio.to_thread(lines, loaded(folder, **given), "mail")

    [right], [wrong] = asyncio.run(look(USER)), asyncio.run(look("nobody"))
    assert (right.level, wrong.level) == (Level.OK, Level.ERROR)
    assert "accepts the sign-in" in right.text and "535" in wrong.text and PASSWORD not in wrong.text
    assert not server.got
