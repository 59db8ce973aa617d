"""Names of container images."""


def repository(image: str) -> str:
    """An image without its tag and digest."""
    name = image.partition("@")[0]
    head, colon, tag = name.rpartition(":")
    return head if colon and "/" not in tag else name


def tag(image: str) -> str:
    """The tag of an image; empty without one."""
    return image.partition("@")[0].removeprefix(repository(image)).removeprefix(":")


def referring(image: str, *, tag: str | None, digest: str | None) -> str:
    """Another version of the same image: its repository with this tag, this digest, or both; at least one is given."""
    return repository(image) + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")


def version_of(before: object, after: object) -> dict[str, str] | None:
    """Tag and digest of an image that is another version of the one before; None for another repository, or without either."""
    if not isinstance(before, str) or not isinstance(after, str) or repository(before) != repository(after):
        return None
    found = {"tag": tag(after), "digest": after.partition("@")[2]}
    return {key: value for key, value in found.items() if value} or None
