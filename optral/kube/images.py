"""Names of container images."""


def repository(image: str) -> str:
    """An image without its tag and digest."""
    name = image.partition("@")[0]
    head, colon, tag = name.rpartition(":")
    return head if colon and "/" not in tag else name


def referring(image: str, *, tag: str | None, digest: str | None) -> str:
    """Another version of the same image: its repository with this tag, this digest, or both; at least one is given."""
    return repository(image) + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
