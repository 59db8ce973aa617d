# ruff: noqa: E501
"""Images that cannot be pulled or started."""

from lab.unseen.cluster import Cluster
from lab.unseen.fault import Truth, fault
from lab.unseen.manifests import App, Edit, Json


def _set_image(image: str) -> Edit:
    def edit(spec: Json) -> None:
        spec["containers"][0]["image"] = image

    return edit


def _repository(image: str) -> tuple[str, str, str]:
    """Registry, path and tag."""
    name, _, tag = image.rpartition(":")
    registry, _, path = name.partition("/")
    return registry, path, tag


def _fail(c: Cluster, app: App, image: str, why: str, code: str = "NotFound") -> None:
    prefix = f'rpc error: code = {code} desc = failed to pull and unpack image "{image}": '
    for pod in c.change(app, _set_image(image)):
        c.waiting(pod, "ImagePullBackOff", f'Back-off pulling image "{image}": ErrImagePull: {prefix}{why}')
        c.event(pod, "Pulling", f'Pulling image "{image}"', container=app.name, kind="Normal", count=4)
        c.event(pod, "Failed", f'Failed to pull image "{image}": {prefix}{why}', container=app.name, count=4)
        c.event(pod, "Failed", "Error: ErrImagePull", container=app.name, count=4)
        c.event(pod, "BackOff", f'Back-off pulling image "{image}"', container=app.name, kind="Normal", count=60)
        c.event(pod, "Failed", "Error: ImagePullBackOff", container=app.name, count=60)


@fault("image_tag_not_found", at="shop/catalog clinic/visits search/suggester batch/render-worker")
def wrong_tag(c: Cluster, app: App) -> Truth:
    image = f"{app.image}-rc{c.rng.randrange(2, 9)}"
    _fail(c, app, image, f'failed to resolve reference "{image}": {image}: not found')
    return Truth(app=app.name, facts=(image,))


@fault("image_registry_unreachable", at="pipeline/enricher search/indexer edge/frontend")
def wrong_registry_host(c: Cluster, app: App) -> Truth:
    registry, path, tag = _repository(app.image)
    host = registry.replace(".", "-mirror.", 1)
    image = f"{host}/{path}:{tag}"
    lookup = f"dial tcp: lookup {host} on 169.254.169.253:53: no such host"
    _fail(
        c,
        app,
        image,
        f'failed to resolve reference "{image}": failed to do request: Head "https://{host}/v2/{path}/manifests/{tag}": {lookup}',
        "Unknown",
    )
    return Truth(app=app.name, facts=(host,))


@fault("image_pull_unauthorized", at="shop/checkout search/query-api batch/scheduler-api")
def no_pull_secret(c: Cluster, app: App) -> Truth:
    registry, path, tag = _repository(app.image)
    image = f"{registry}/{path}-private:{tag}"
    scope = f"{path}-private".replace("/", "%2F")
    url = f"https://{registry}/token?scope=repository%3A{scope}%3Apull&service={registry}"
    _fail(
        c,
        app,
        image,
        f'failed to resolve reference "{image}": failed to authorize: failed to fetch anonymous token: unexpected status from GET request to {url}: 401 Unauthorized',
        "Unknown",
    )
    return Truth(app=app.name, facts=(image,))


@fault("image_pull_unauthorized", at="edge/orders-api pipeline/sink")
def pull_secret_missing(c: Cluster, app: App) -> Truth:
    image = f"{app.image}-p{c.rng.randrange(9)}"
    why = f'failed to resolve reference "{image}": pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials'
    c.workload(app)["spec"]["template"]["spec"]["imagePullSecrets"] = [{"name": "registry-login"}]
    _fail(c, app, image, why, "Unknown")
    for pod in c.pods(app):
        if pod["status"]["phase"] == "Pending":
            text = "Unable to retrieve some image pull secrets (registry-login); attempting to pull the image may not succeed."
            c.event(pod, "FailedToRetrieveImagePullSecret", text, count=70)
    return Truth(app=app.name, facts=("registry-login",))


@fault("invalid_image_name", at="blog/mailer shop/cart")
def image_in_capitals(c: Cluster, app: App) -> Truth:
    registry, path, tag = _repository(app.image)
    image = f"{registry}/{path.title()}:{tag}"
    why = f'Failed to apply default image tag "{image}": couldn\'t parse image name "{image}": invalid reference format: repository name ({path.title()}) must be lowercase'
    for pod in c.change(app, _set_image(image)):
        c.waiting(pod, "InvalidImageName", why)
        c.event(pod, "InspectFailed", why, container=app.name, count=80)
        c.event(pod, "Failed", "Error: InvalidImageName", container=app.name, count=80)
    return Truth(app=app.name, facts=(image,))


@fault("pull_rate_limited", at="clinic/customers blog/memcached")
def rate_limited(c: Cluster, app: App) -> Truth:
    why = (f'failed to copy: httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/{_repository(app.image)[1]}/manifests/sha256:9b1c: '
           "429 Too Many Requests - Server message: toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit")  # fmt: skip
    _fail(c, app, app.image, why, "Unknown")
    return Truth(app=app.name, facts=(app.image,))


@fault("wrong_architecture", at="edge/auth monitoring/log-shipper")
def exec_format(c: Cluster, app: App) -> Truth:
    for pod in c.change(app, _set_image(f"{app.image}-arm64")):
        c.crash(pod, 255, f"exec /usr/local/bin/{app.name}: exec format error\n", ran=0.01)
    return Truth(app=app.name, facts=("exec format error",))


@fault("command_not_found", at="shop/checkout pipeline/ingest search/query-api")
def command_missing(c: Cluster, app: App) -> Truth:
    program = f"/usr/local/bin/{app.name}-server"

    def edit(spec: Json) -> None:
        spec["containers"][0]["command"] = [program, "--serve"]

    why = (f'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: '
           f'exec: "{program}": stat {program}: no such file or directory')  # fmt: skip
    for pod in c.change(app, edit):
        c.crash(pod, 128, "", reason="StartError", message=why, ran=0)
        c.event(pod, "Failed", f"Error: {why}", container=app.name, count=8)
    return Truth(app=app.name, facts=(program,))


@fault("permission_denied", at="batch/invoice-worker edge/auth")
def not_executable(c: Cluster, app: App) -> Truth:
    program = "/app/run.sh"

    def edit(spec: Json) -> None:
        spec["containers"][0]["command"] = [program]

    why = (f'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: '
           f'exec: "{program}": permission denied')  # fmt: skip
    for pod in c.change(app, edit):
        c.crash(pod, 128, "", reason="StartError", message=why, ran=0)
        c.event(pod, "Failed", f"Error: {why}", container=app.name, count=8)
    return Truth(app=app.name, facts=(program,))


@fault("run_as_root_conflict", at="blog/wordpress monitoring/grafana")
def must_not_be_root(c: Cluster, app: App) -> Truth:
    def edit(spec: Json) -> None:
        spec["securityContext"] = {"runAsNonRoot": True}

    for pod in c.change(app, edit):
        name = f"{pod['metadata']['name']}_{c.namespace}({pod['metadata']['uid']})"
        why = f'container has runAsNonRoot and image will run as root (pod: "{name}", container: {app.name})'
        c.waiting(pod, "CreateContainerConfigError", why)
        c.event(pod, "Failed", f"Error: {why}", container=app.name, count=70)
    return Truth(app=app.name)
