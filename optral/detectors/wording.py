"""How findings name objects. Titles are for people; no code parses them."""

from collections.abc import Sequence

from optral.kit.words import plural
from optral.terms.refs import ObjectRef

MAX_TITLE = 500  # characters; names inside a spec may be of any length
MAX_MESSAGE = 1000  # characters of a message kept as a fact; the runtime sometimes prints whole stacks


def label(subject: ObjectRef) -> str:
    """`Deployment shop/api`; `Node worker-1`."""
    return (
        f"{subject.short_kind} {subject.name}" if subject.namespace is None else f"{subject.short_kind} {subject.namespace}/{subject.name}"
    )


def clip(message: str, limit: int = MAX_MESSAGE) -> str:
    """The message, at most `limit` characters long."""
    return message if len(message) <= limit else f"{message[: limit - 1]}…"


def of_container(container: str, subject: ObjectRef) -> str:
    """`Container api of Deployment shop/api`."""
    return f"Container {container} of {label(subject)}"


def offered_ports(ports: Sequence[int]) -> str:
    """`only port 80`; `only ports 80, 443`. At most five are listed."""
    listed = ", ".join(map(str, ports[:5]))
    return f"only {plural(len(ports), 'port')} {listed}{', …' if len(ports) > 5 else ''}"
