"""Numbers in sentences. For nouns that take an s."""


def plural(count: int, noun: str) -> str:
    """The noun as it follows this number: `pod` after 1, `pods` after any other."""
    return noun if count == 1 else noun + "s"


def counted(count: int, noun: str) -> str:
    """`1 pod`, `2 pods`."""
    return f"{count} {plural(count, noun)}"
