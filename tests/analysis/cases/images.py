"""Images that cannot be pulled."""

from typing import Any

from optral.analysis.model import Explanation
from tests.analysis.cases.base import case, one_pod, row
from tests.analysis.cluster import World, container, pod, state, waiting


def pull(message: str, image: str = "registry.test/team/api:1.4", **more: Any) -> tuple[World, Explanation]:
    text = f'Failed to pull image "{image}": {message}'
    return one_pod(
        "ImagePullBackOff", state(now=waiting("ImagePullBackOff")), spec=container(image=image), events=(("Failed", text),), **more
    )


@case("image_tag_not_found", "api")
def pulls_what_is_not_there() -> tuple[World, Explanation]:
    return pull("manifest unknown: not found", before=container(image="registry.test/team/api:1.3"))


@case("image_tag_not_found", "api")
def pulls_a_tag_with_a_typo() -> tuple[World, Explanation]:
    return pull("manifest unknown: not found", "registry.test/team/web:3.11.O", extra=(running("registry.test/team/web:3.11.0"),))


row("image_tag_not_found", "api", "pulls_a_tag_that_nothing_else_has", lambda: pull("manifest unknown: not found"))
row("image_registry_unreachable", "api", "pulls_from_nowhere", lambda: pull("dial tcp: lookup registry.test: no such host"))


@case("image_pull_unauthorized", "api")
def pulls_without_a_right() -> tuple[World, Explanation]:
    return pull("failed to authorize: failed to fetch anonymous token: 401 Unauthorized")


@case("image_tag_not_found", "api")
def is_refused_where_others_are_served() -> tuple[World, Explanation]:
    other = pod(None, "web-1", ready=True, spec={"containers": [container("web", "registry.test/team/web:3")]})
    other["status"]["containerStatuses"] = [state("web", ready=True)]
    return pull("pull access denied, repository does not exist or may require authorization", extra=(other,))


def running(image: str, **spec: Any) -> Any:
    """A neighbor that runs, so whose image was pulled."""
    found = pod(None, "web-1", ready=True, spec={"containers": [container("web", image)]} | spec)
    found["status"]["containerStatuses"] = [state("web", ready=True)]
    return found


HUB = "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope"


@case("image_tag_not_found", "api")
def is_refused_in_a_folder_of_nearly_the_same_name() -> tuple[World, Explanation]:
    return pull(HUB, image="taem/api:3", extra=(running("team/web:3"),))


@case("image_tag_not_found", "api")
def is_refused_under_a_name_that_is_nobodys() -> tuple[World, Explanation]:
    return pull(HUB, image="team/ap:3", extra=(running("library/web:3"),))


@case("image_tag_not_found", "api")
def is_refused_in_a_folder_that_another_writes_in_full() -> tuple[World, Explanation]:
    return pull(HUB, image="team/api:3", extra=(running("docker.io/team/web:3"),))


@case("image_tag_not_found", "api")
def is_refused_in_the_public_library() -> tuple[World, Explanation]:
    return pull("unexpected status from HEAD request: 403 Forbidden", image="docker.io/library/ngnix:1")


@case("image_pull_unauthorized", "api")
def is_refused_under_its_own_name() -> tuple[World, Explanation]:
    return pull(HUB, image="team-private/api:3", extra=(running("team/web:3"),))


@case("image_pull_unauthorized", "api")
def is_refused_where_others_have_a_secret() -> tuple[World, Explanation]:
    other = running("registry.test/team/web:3", imagePullSecrets=[{"name": "robot"}])
    return pull(HUB, extra=(other,))


@case("image_pull_unauthorized", "api")
def is_asked_who_it_is() -> tuple[World, Explanation]:
    return pull("repository does not exist or may require authorization: authorization failed: no basic auth credentials", "r.test/t/ap:1")


@case("image_registry_unreachable", "api")
def pulls_while_the_registry_is_down() -> tuple[World, Explanation]:
    return pull("unexpected status from HEAD request to https://registry.test/v2/team/api/manifests/1.4: 503 Service Unavailable")


@case("invalid_image_name", "api")
def names_no_image() -> tuple[World, Explanation]:
    words = 'Failed to apply default image tag "Team/API": couldn\'t parse image name: invalid reference format'
    return one_pod("ImagePullBackOff", state(now=waiting("InvalidImageName", words)), spec=container(image="Team/API"))


@case("pull_rate_limited", "api")
def pulls_too_often() -> tuple[World, Explanation]:
    return pull("429 Too Many Requests - toomanyrequests: you have reached your pull rate limit")


row("wrong_architecture", "api", "pulls_for_another_platform", lambda: pull("no match for platform in manifest: not found"))


@case("image_signature_rejected", "api")
def pulls_what_nobody_has_signed() -> tuple[World, Explanation]:
    return pull("SignatureValidationFailed: Source image rejected: A signature was required, but no signature exists")


@case("certificate_invalid", "api")
def pulls_over_a_bad_certificate() -> tuple[World, Explanation]:
    return pull("tls: failed to verify certificate: x509: certificate signed by unknown authority")


row("disk_full", "api", "pulls_onto_a_full_disk", lambda: pull("write /var/lib/containerd/x: no space left on device"))
