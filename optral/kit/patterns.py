"""Patterns in which `*` matches any characters."""


def matches(text: str, pattern: str) -> bool:
    """Whether the text matches the pattern, in which `*` matches any characters; linear in the length of the text."""
    head, *pieces = pattern.split("*")
    if not pieces:
        return text == head
    if not text.startswith(head):
        return False
    *middle, tail = pieces
    at = len(head)
    for piece in middle:
        if (found := text.find(piece, at)) < 0:
            return False
        at = found + len(piece)
    return len(text) - at >= len(tail) and text.endswith(tail)
