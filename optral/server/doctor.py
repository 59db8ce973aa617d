"""`optral doctor`: looks at a server's settings, data folder, database, certificates and addresses, and says what to do about each fault.

Reads only. Each check is independent: one that cannot look says why, and the others go on.
"""

import asyncio
import os
import socket
import ssl
import stat
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from functools import partial
from typing import TypeVar

import httpx2
import sqlalchemy as sa
from cryptography import x509
from sqlalchemy import exc

from optral.access import chain, service as access
from optral.access.chain import VerificationState
from optral.kit.clock import SystemClock
from optral.kit.proxies import proxy_for
from optral.kit.times import rfc3339
from optral.kit.words import counted
from optral.mail.model import Answer
from optral.server import descriptors, mail, secrets
from optral.server.settings import Settings, is_loopback
from optral.store import copying, disk, migrations, secret_checks
from optral.store.postgres import check_server
from optral.store.transaction import Transaction
from optral.terms.actor import Actor, system
from optral.terms.errors import Misconfigured
from optral.terms.ids import OrgId

T = TypeVar("T")
SOON = timedelta(days=21)
CLOCK_S = 5.0
WAIT_S = 5.0
FREE_SOON = 0.15
_ABOVE_RLS = sa.text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
_CLOCK = sa.text("SELECT clock_timestamp()")


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Line:
    """What one check found; `remedy` is what to do, "" where nothing is wrong."""

    check: str
    level: Level
    text: str
    remedy: str = ""


class _Check:
    """Makes the lines of one check."""

    def __init__(self, name: str) -> None:
        self._name = name

    def ok(self, text: str) -> Line:
        return Line(self._name, Level.OK, text)

    def warning(self, text: str, remedy: str) -> Line:
        return Line(self._name, Level.WARNING, text, remedy)

    def error(self, text: str, remedy: str = "") -> Line:
        return Line(self._name, Level.ERROR, text, remedy)


def examine(settings: Settings) -> list[Line]:
    """All checks, in order."""
    found: list[Line] = []
    for name, look in CHECKS.items():
        try:
            found.extend(look(settings, _Check(name)))
        except Misconfigured as error:
            found.append(Line(name, Level.ERROR, error.say or error.code))
        except exc.SQLAlchemyError:
            found.append(Line(name, Level.ERROR, "not checked: the database cannot be read", "see the check of the database"))
        except OSError as error:
            found.append(Line(name, Level.ERROR, f"not checked: {error}"))
    return found


def _folder(settings: Settings, line: _Check) -> Iterator[Line]:
    folder = settings.data_dir
    if not folder.is_dir():
        yield line.error(f"{folder} does not exist", "set OPTRAL_DATA_DIR to the server's data folder, or start the server once")
        return
    facts = folder.stat()
    if facts.st_uid != os.geteuid():
        yield line.error(f"{folder} belongs to the user with id {facts.st_uid}", "run the server, and this command, as that user")
    elif not os.access(folder, os.W_OK | os.X_OK):
        yield line.error(f"{folder} cannot be written", f"chmod 700 {folder}")
    elif stat.S_IMODE(facts.st_mode) & 0o077:
        yield line.warning(f"other users of this machine can enter {folder}", f"chmod 700 {folder}")
    else:
        yield line.ok(f"{folder}")


def _disk(settings: Settings, line: _Check) -> Iterator[Line]:
    if not settings.data_dir.is_dir():
        return
    free = disk.free_share(settings.data_dir)
    text = f"{free:.0%} of the disk of {settings.data_dir} is free"
    if free < disk.STOP_BELOW:
        yield line.error(f"{text}; the server accepts no new data", "free some space; the server continues by itself")
    elif free < FREE_SOON:
        yield line.warning(text, f"free some space: below {disk.STOP_BELOW:.0%} the server accepts no new data")
    else:
        yield line.ok(text)


def _database(settings: Settings, line: _Check) -> Iterator[Line]:
    engine = copying.source_engine(database_url=settings.database_url, data_dir=settings.data_dir)
    try:
        if engine.dialect.name == "postgresql":
            check_server(engine)
        with engine.connect() as connection:
            yield from _contents(connection, line)
    finally:
        engine.dispose()


def _contents(connection: sa.Connection, line: _Check) -> Iterator[Line]:
    if connection.dialect.name == "sqlite":
        damage = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
        if damage != "ok":
            yield line.error(f"SQLite reports damage: {damage}", "stop the server and restore a backup (docs/backup.md)")
            return
    elif connection.execute(_ABOVE_RLS).scalar_one():
        remedy = "use a role that is no superuser and has no BYPASSRLS, so that row-level security applies to it"
        yield line.warning("the role of OPTRAL_DATABASE_URL is exempt from row-level security", remedy)
    found = copying.revision(connection)
    text = f"{'SQLite' if connection.dialect.name == 'sqlite' else 'PostgreSQL'}, schema {found}"
    if found != migrations.HEAD:
        yield line.warning(f"{text}; this version has schema {migrations.HEAD}", "back up; the next start of the server migrates it")
    else:
        yield line.ok(text)


def _secrets(settings: Settings, line: _Check) -> Iterator[Line]:
    engine = copying.source_engine(database_url=settings.database_url, data_dir=settings.data_dir)
    try:
        with engine.connect() as connection:
            kept = secret_checks.kept(Transaction(connection, system(), SystemClock().now()))
    finally:
        engine.dispose()
    for name in secrets.NAMES:
        place = secrets.locate(settings, name)
        if not place.path.exists():
            yield line.error(f"{place.path} is missing", f"bring the file back from a backup, or set {place.setting}")
            continue
        secret = secrets.read(place.path, place.setting)
        if name in kept and kept[name] != secret_checks.value_of(name, secret):
            yield line.error(f"{place.path} is not the secret of this database", f"bring that file back, or set {place.setting}")
        elif stat.S_IMODE(place.path.stat().st_mode) & 0o077:
            yield line.warning(f"other users of this machine may read {place.path}", f"chmod 600 {place.path}")
        else:
            yield line.ok(f"{place.path}")


def _audit(settings: Settings, line: _Check) -> Iterator[Line]:
    """The chain of each organization, a transaction for each few hundred records: the servers go on meanwhile."""
    engine = copying.source_engine(database_url=settings.database_url, data_dir=settings.data_dir)
    try:
        with engine.connect() as connection:
            if copying.revision(connection) != migrations.HEAD:
                yield line.warning("not checked: the schema is an older one", "start the server, which migrates it, then repeat")
                return
            orgs = _read(connection, system(), access.organisation_ids)
            found = [(org_id, _walked(connection, org_id)) for org_id in orgs]
    finally:
        engine.dispose()
    for org_id, walk in found:
        if (fault := walk.fault) is not None:
            where = f"{fault.id} of {rfc3339(fault.at)}" if fault.id and fault.at else f"number {fault.seq}"
            text = f"the audit log of {org_id} was tampered with or damaged: {fault.kind} at {where}; {fault.say}"
            yield line.error(text, "compare it with your exports and backups, and find out who can write the database")
    if not any(walk.fault for _, walk in found):
        yield line.ok(f"{counted(sum(walk.read for _, walk in found), 'record')}, each as it was written")


def _walked(connection: sa.Connection, org_id: OrgId) -> VerificationState:
    walk = _read(connection, system(org_id), chain.begin)
    while not walk.is_done:
        walk = _read(connection, system(org_id), partial(chain.step, before=walk))
    return walk


def _read(connection: sa.Connection, actor: Actor, look: Callable[[Transaction], T]) -> T:
    connection.rollback()
    copying.begin(connection)
    return look(Transaction(connection, actor, SystemClock().now()))


def _clock(settings: Settings, line: _Check) -> Iterator[Line]:
    """This machine against the database's, where that is another one."""
    if settings.database_url is None or not settings.database_url.startswith("postgres"):
        yield line.ok(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC")
        return
    engine = copying.source_engine(database_url=settings.database_url, data_dir=settings.data_dir)
    try:
        with engine.connect() as connection:
            theirs: datetime = connection.execute(_CLOCK).scalar_one()
            yield _compared(line, theirs, "the database")
    finally:
        engine.dispose()


def _compared(line: _Check, theirs: datetime, whose: str) -> Line:
    apart_s = abs((datetime.now(UTC) - theirs).total_seconds())
    if apart_s > CLOCK_S:
        return line.error(f"this machine's clock and that of {whose} differ by {apart_s:.0f} s", "synchronize both with NTP")
    return line.ok(f"this machine and {whose} agree within {max(1, round(apart_s))} s")


def _certificates(settings: Settings, line: _Check) -> Iterator[Line]:
    if settings.tls_cert is None or settings.tls_key is None:
        yield line.ok("the API listener has no certificate of its own (OPTRAL_TLS_CERT is unset)")
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(settings.tls_cert, settings.tls_key)
        certificate = x509.load_pem_x509_certificate(settings.tls_cert.read_bytes())
    except (OSError, ValueError) as error:
        yield line.error(f"{settings.tls_cert} and {settings.tls_key} cannot be used: {error}", "give a PEM chain and its private key")
        return
    left = certificate.not_valid_after_utc - datetime.now(UTC)
    if left <= timedelta():
        yield line.error(f"{settings.tls_cert} expired on {certificate.not_valid_after_utc:%Y-%m-%d}", "renew it; the server reloads it")
    elif left < SOON:
        yield line.warning(f"{settings.tls_cert} expires in {left.days} days", "renew it; the server reloads it")
    else:
        yield line.ok(f"{settings.tls_cert} is valid until {certificate.not_valid_after_utc:%Y-%m-%d}")
    host = urllib.parse.urlsplit(settings.public_url or "").hostname
    if host and not _is_for(certificate, host):
        yield line.error(f"{settings.tls_cert} is not for {host}, the host of OPTRAL_PUBLIC_URL", "use a certificate with that name")


def _is_for(certificate: x509.Certificate, host: str) -> bool:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    if host in {str(address) for address in names.get_values_for_type(x509.IPAddress)}:
        return True
    wild = "*." + host.partition(".")[2]
    return any(name.lower() in (host.lower(), wild.lower()) for name in names.get_values_for_type(x509.DNSName))


def _addresses(settings: Settings, line: _Check) -> Iterator[Line]:
    url, agents = settings.public_url, settings.dialled
    if url is None:
        yield line.warning(
            "OPTRAL_PUBLIC_URL is unset", "set it to the address that people and agents use, such as https://optral.example.com"
        )
    elif is_loopback(f"{urllib.parse.urlsplit(url).hostname}:0"):
        yield line.warning(f"OPTRAL_PUBLIC_URL is {url}", "only this machine can use it; set the address that people and agents use")
    for further in settings.fallback_urls:
        if is_loopback(f"{urllib.parse.urlsplit(further).hostname}:0"):
            yield line.warning(f"OPTRAL_FALLBACK_URLS has {further}", "only this machine can use it; set addresses that agents reach")
    if agents is None:
        yield line.warning("OPTRAL_AGENT_ADDRESS is unset", "set it to the host that agents dial; the server certificate is made for it")
    if not _answers(*_split(settings.listen)):
        yield line.warning(f"nothing listens on {settings.listen}; the addresses were not tried", "start the server, then repeat")
        return
    for public in (*([] if url is None else [url]), *settings.fallback_urls):
        yield _request(line, public)
    if agents is not None:
        for what, port in (
            ("enrollment", agents.enroll_port or _split(settings.enroll_listen)[1]),
            ("the tunnel", agents.tunnel_port or _split(settings.tunnel_listen)[1]),
        ):
            if _answers(agents.host, port):
                yield line.ok(f"{agents.host}:{port} accepts connections ({what})")
            else:
                yield line.error(f"{agents.host}:{port} does not accept connections ({what})", "open it, or correct OPTRAL_AGENT_ADDRESS")


def _request(line: _Check, url: str) -> Line:
    """One request from here to the public address, by the proxy of the environment if there is one."""
    host = urllib.parse.urlsplit(url).hostname or ""
    try:
        answer = httpx2.get(f"{url.rstrip('/')}/readyz", timeout=WAIT_S, trust_env=True)
    except httpx2.HTTPError as error:
        proxy = proxy_for(host, scheme=urllib.parse.urlsplit(url).scheme)
        by = f" through the proxy {proxy}" if proxy else ""
        return line.error(f"{url} does not answer{by}: {error}", "check DNS, load balancer and certificate")
    if answer.status_code != 200:
        return line.error(f"{url}/readyz answers {answer.status_code}", "check that the address leads to this server, and its log")
    date = answer.headers.get("date")
    if date and abs((parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds()) > CLOCK_S:
        return line.error(f"{url} answers with another time: {date}", "synchronize the clocks with NTP")
    return line.ok(f"{url} answers")


def _split(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    return ("127.0.0.1" if host in ("0.0.0.0", "::", "") else host), int(port)  # noqa: S104 - dialled, not listened on


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=WAIT_S):
            return True
    except OSError:
        return False


def _proxies(settings: Settings, line: _Check) -> Iterator[Line]:
    if any(network in ("0.0.0.0/0", "::/0") for network in settings.trusted_proxies):
        remedy = "list the networks of your load balancers: anybody can forge the X-Forwarded headers that are believed"
        yield line.error("OPTRAL_TRUSTED_PROXIES trusts every address", remedy)
    host = urllib.parse.urlsplit(settings.public_url or "").hostname
    if host and (proxy := proxy_for(host)):
        yield line.warning(f"connections from this machine to {host} go through {proxy}", f"add {host} to NO_PROXY if that is not intended")
    if proxy := proxy_for("proxied.invalid"):
        yield line.ok(f"forges, identity providers and the language model are reached through {proxy}; webhooks and Alertmanagers directly")
    else:
        yield line.ok("no outgoing proxy")


def _mail(settings: Settings, line: _Check) -> Iterator[Line]:
    relay = mail.relay(settings)
    if relay is None:
        yield line.ok("no e-mail is sent (OPTRAL_SMTP_HOST is unset)")
        return
    from optral.mail.smtp import SmtpSender

    async def check() -> Answer:
        sender = SmtpSender(relay)
        try:
            return await sender.check()
        finally:
            await sender.close()

    answer = asyncio.run(check())
    where = f"{relay.host}:{relay.port}"
    if not answer.is_sent:
        yield line.error(f"no e-mail can be sent through {where}: {answer.error}", "check the settings OPTRAL_SMTP_* (docs/email.md)")
    else:
        yield line.ok(f"{where} accepts {'the sign-in' if relay.username else 'connections'}")
    if relay.tls == "none" and not is_loopback(where):
        yield line.warning(f"e-mail to {where} is not encrypted, and contains links that sign people in", "set OPTRAL_SMTP_TLS")


def _open_files(settings: Settings, line: _Check) -> Iterator[Line]:
    limit = descriptors.raise_limit()
    held = descriptors.rooms(limit, settings)
    wanted = settings.max_connections
    if held.api.total < wanted:
        text = f"the limit of {limit} open files holds {held.api.total} connections of the {wanted} that OPTRAL_MAX_CONNECTIONS asks for"
        yield line.warning(text, "raise it (LimitNOFILE= of systemd, ulimit -Hn)")
    else:
        yield line.ok(f"up to {limit} open files")


CHECKS: dict[str, Callable[[Settings, _Check], Iterator[Line]]] = {
    "data folder": _folder,
    "disk": _disk,
    "database": _database,
    "secrets": _secrets,
    "audit log": _audit,
    "clock": _clock,
    "certificate": _certificates,
    "addresses": _addresses,
    "proxies": _proxies,
    "mail": _mail,
    "open files": _open_files,
}
