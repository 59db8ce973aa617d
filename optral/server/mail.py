"""The mail server of the settings, if there is one."""

from optral.mail.model import Relay
from optral.mail.service import Outbox
from optral.server.settings import Settings, read_password


def relay(settings: Settings) -> Relay | None:
    """None if the server sends no e-mail. Raises `Misconfigured` when the password cannot be read."""
    if settings.smtp_host is None or settings.smtp_from is None:
        return None
    password = settings.smtp_password_file
    return Relay(
        host=settings.smtp_host.strip("[]"),
        port=settings.smtp_port,
        tls=settings.smtp_tls,
        sender=settings.smtp_from,
        username=settings.smtp_username or "",
        password="" if password is None else read_password(password, "OPTRAL_SMTP_PASSWORD_FILE"),
    )


def outbox(settings: Settings, *, key: bytes) -> Outbox | None:
    """How messages are queued; None if the server sends no e-mail."""
    return None if settings.smtp_host is None else Outbox(key, settings.public_url or "")
