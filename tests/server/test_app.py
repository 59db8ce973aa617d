"""The whole control plane: it starts in order, tells in one line why it cannot, and leaves nothing behind."""

import asyncio
import gc
import logging
import socket
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from optral.api.http.services import ApiServices
from optral.clusters import service as clusters
from optral.clusters.model import ClusterStatus, SessionRef, Verdict
from optral.server import app, database, edge, settings
from optral.server.settings import Settings
from optral.store import migrations
from optral.store.open import FILE
from optral.store.sqlite import write_engine
from optral.store.transaction import Transaction
from optral.terms.actor import system
from optral.terms.errors import Misconfigured
from tests.conftest import new_org
from tests.support.clock import FakeClock

pytestmark = pytest.mark.slow  # whole servers

DRAWN = "127.0.0.1:0"


def _settings(folder: Path, **more: object) -> Settings:
    return settings.load(
        **{"data_dir": folder, "listen": DRAWN, "enroll_listen": DRAWN, "tunnel_listen": DRAWN, "shutdown_delay": 0, **more}
    )


async def _start_and_stop(wanted: Settings) -> None:
    async with app.running(wanted):
        pass


async def test_a_stop_leaves_no_thread_and_no_task(tmp_path: Path) -> None:
    await _start_and_stop(_settings(tmp_path))  # what is made once per process (gRPC, resolver) is made now
    threads, tasks = set(threading.enumerate()), asyncio.all_tasks()
    async with app.running(_settings(tmp_path)) as server, httpx2.AsyncClient() as http:
        assert (await http.get(f"{server.api_url}/readyz")).json()["status"] == "ok"
    left = {thread.name for thread in set(threading.enumerate()) - threads if not thread.name.startswith("asyncio_")}
    assert not left
    assert asyncio.all_tasks() == tasks


async def test_a_server_that_was_down_trusts_no_stored_status_when_it_begins_to_answer(tmp_path: Path) -> None:
    clock, wanted = FakeClock(datetime.now(UTC)), _settings(tmp_path)
    async with database.opened(wanted, clock) as base:
        org = await new_org(base.store, clock, "Shop")
        cluster = await base.store.write(system(org), lambda tx: clusters.create(tx, name="prod"))
        beat = (SessionRef(org, cluster.id, cluster.fence, frozenset()), clock.now(), 0)
        await base.store.write(system(), lambda tx: clusters.record_heartbeats(tx, [beat]))
        await base.store.write(system(org), lambda tx: clusters.move(tx, clusters.get(tx, cluster.id), Verdict(ClusterStatus.ONLINE, None)))
    clock.advance(5 * 3600)
    async with app.running(wanted, clock=clock):
        pass
    async with database.opened(wanted, clock) as base:
        assert (await base.store.read(system(org), lambda tx: clusters.standing(tx, cluster.id))).stale


async def test_before_it_closes_a_server_is_unready_and_answers_on_new_connections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = asyncio.Event()

    async def announce(services: ApiServices, delay_s: float) -> None:
        assert delay_s == 0.5
        services.stopping.set()
        await asyncio.wait_for(asked.wait(), 30)

    monkeypatch.setattr(edge, "_announce_stop", announce)
    running = app.running(_settings(tmp_path, shutdown_delay=0.5))
    server = await running.__aenter__()
    stopping = asyncio.create_task(running.__aexit__(None, None, None))
    try:
        async with httpx2.AsyncClient() as http:
            while (ready := await http.get(f"{server.api_url}/readyz")).status_code == 200:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            assert ready.json()["status"] == "stopping"
        async with httpx2.AsyncClient() as other:
            assert (await other.get(f"{server.api_url}/livez")).status_code == 200
    finally:
        asked.set()
        await stopping


async def test_a_database_that_takes_no_change_is_not_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge, "PROBE_EVERY_S", 0)

    def full(tx: Transaction) -> None:
        tx.execute(sa.text("PRAGMA max_page_count = 1")).close()  # as SQLite finds a full disk: only what makes the file grow fails
        tx.execute(sa.text("CREATE TABLE more (a)")).close()

    async with app.running(_settings(tmp_path)) as server, httpx2.AsyncClient() as http:
        assert (await http.get(f"{server.api_url}/readyz")).status_code == 200
        with monkeypatch.context() as inside:
            inside.setattr(migrations, "touch", full)
            answer = await http.get(f"{server.api_url}/readyz")
        assert (answer.status_code, answer.json()["checks"]["database"]) == (503, "failed")


async def test_the_probe_of_readiness_is_a_change_that_the_database_must_write(tmp_path: Path) -> None:
    async with app.running(_settings(tmp_path)) as server, httpx2.AsyncClient() as http:
        before = (tmp_path / f"{FILE}-wal").stat().st_size
        assert (await http.get(f"{server.api_url}/readyz")).status_code == 200
        assert (tmp_path / f"{FILE}-wal").stat().st_size > before


async def test_metrics_answer_on_their_own_address(tmp_path: Path) -> None:
    async with app.running(_settings(tmp_path, metrics_listen=DRAWN)) as server, httpx2.AsyncClient() as http:
        text = (await http.get(f"http://{server.metrics_address}/metrics")).text
    for name in (
        'queue="reads"',
        'optral_reads_dropped_total{reason="timeout"}',
        "optral_queue_depth",
        "optral_agents",
        "optral_event_streams_open",
        "optral_database_bytes",
        "optral_ingest_lag_seconds",
    ):
        assert name in text
    loops = (
        "analyses",
        "captures",
        "probes",
        "usage_reports",
        "usage_reads",
        "triage",
        "deliveries",
        "alert_refreshes",
        "pull_requests",
        "executions",
        "presence",
        "purge",
        "retention",
        "deadlines",
        "webhook_dispatch",
    )
    for loop in loops:
        assert f'optral_work_failures_total{{loop="{loop}"}} 0.0' in text


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("listen", "--listen"),
        ("enroll_listen", "--enroll-listen"),
        ("tunnel_listen", "--tunnel-listen"),
        ("metrics_listen", "--metrics-listen"),
    ],
)
async def test_a_taken_port_is_one_line_that_names_the_option(
    name: str, option: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(Misconfigured) as refused:
            await _start_and_stop(_settings(tmp_path, **{name: address}))
    assert address in refused.value.say
    assert option in refused.value.say
    gc.collect()
    assert [one.getMessage() for one in caplog.records if one.name == "asyncio" and one.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("kind", ["text", "a folder", "an encrypted key"])
async def test_unusable_tls_files_end_the_start_before_anything_is_made(kind: str, tmp_path: Path) -> None:
    certificate, key = tmp_path / "tls.crt", tmp_path / "tls.key"
    data = tmp_path / "data"
    if kind == "a folder":
        certificate.mkdir()
        key.mkdir()
    elif kind == "text":
        certificate.write_text("hello: world")
        key.write_text("hello: world")
    else:
        issued, private = _self_signed()
        certificate.write_bytes(issued.public_bytes(serialization.Encoding.PEM))
        locked = serialization.BestAvailableEncryption(b"a passphrase")
        key.write_bytes(private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked))
    with pytest.raises(Misconfigured) as refused:
        await _start_and_stop(_settings(data, tls_cert=certificate, tls_key=key))
    assert refused.value.code == "tls_unreadable"
    assert "OPTRAL_TLS_CERT" in refused.value.say
    assert not data.exists()


def _self_signed() -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    return builder.not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256()), key


async def test_one_folder_serves_one_server(tmp_path: Path) -> None:
    async with app.running(_settings(tmp_path)):
        with pytest.raises(Misconfigured) as refused:
            await _start_and_stop(_settings(tmp_path))
    assert refused.value.code == "database_in_use"


async def test_a_schema_newer_than_the_code_refuses_to_start(tmp_path: Path) -> None:
    await _start_and_stop(_settings(tmp_path))
    engine = write_engine(tmp_path / "optral.db")
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(Misconfigured) as refused:
        await _start_and_stop(_settings(tmp_path))
    assert refused.value.code == "schema_too_new"


@pytest.mark.parametrize("name", ["pepper", "key-encryption-key"])
async def test_a_secret_that_does_not_fit_the_rows_refuses_to_start(name: str, tmp_path: Path) -> None:
    await _start_and_stop(_settings(tmp_path))
    (tmp_path / name).write_text("ab" * 32)
    with pytest.raises(Misconfigured) as refused:
        await _start_and_stop(_settings(tmp_path))
    assert name in refused.value.say


async def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Misconfigured) as refused:
        await _start_and_stop(_settings(tmp_path / "file" / "data"))
    assert "OPTRAL_DATA_DIR" in refused.value.say
