"""A chart as teams write them, in a repository with the values of two releases, and what Argo CD and Flux know of it."""

from collections.abc import Mapping

from optral.gitops.model import Files, Target
from optral.gitops.releases import Applied

WEB = Target("Deployment", "shop", "web")
CHART_YAML = "apiVersion: v2\nname: web\nversion: 0.1.0\nappVersion: '1.0'\n"
VALUES = """\
# Defaults of every environment.
replicas: 1

image:
  repository: registry.example/web
  tag: "1.0" # set by the release

resources:
  limits:
    memory: 64Mi
sidecar:
  enabled: false
  memoryMi: 32
"""
TEMPLATE = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: {{ .Release.Name }} }}
  template:
    metadata: {labels: {app: {{ .Release.Name }} }}
    spec:
      containers:
        - name: app
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
          {{- with .Values.resources }}
          resources: {{- toYaml . | nindent 12 }}
          {{- end }}
        {{- if .Values.sidecar.enabled }}
        - name: proxy
          image: registry.example/proxy:2
          resources: {limits: {memory: {{ .Values.sidecar.memoryMi }}Mi}}
        {{- end }}
"""
PROD = """\
# Production. Ask the platform team before you change limits.
replicas: 3
resources:
  limits: {memory: 128Mi} # measured in May
"""
CHART: Files = {"charts/web/Chart.yaml": CHART_YAML, "charts/web/values.yaml": VALUES, "charts/web/templates/web.yaml": TEMPLATE}
REPOSITORY: Files = {**CHART, "envs/prod.yaml": PROD, "envs/dev.yaml": "{}\n"}
APPLIED = Applied(
    keeper=Target("Application", "argocd", "web"),
    chart="charts/web",
    release="web",
    namespace="shop",
    value_files=("../../envs/prod.yaml",),
)
MEMORY = "spec.template.spec.containers[app].resources.limits.memory"
IMAGE = "spec.template.spec.containers[app].image"


class InMemory:
    """A `Repository` of texts."""

    def __init__(self, files: Files) -> None:
        self.files = {path: text for path, text in files.items() if path.endswith((".yaml", ".yml"))}
        self._all = files

    def folder(self, path: str) -> Mapping[str, bytes]:
        prefix = f"{path}/" if path else ""
        return {name.removeprefix(prefix): text.encode() for name, text in self._all.items() if name.startswith(prefix)}


def application(helm: str, *, name: str = "web") -> str:
    """The manifest of an Application with this under `helm`."""
    body = "".join(f"      {line}\n" if line else "\n" for line in helm.splitlines())
    return f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: {name} # the shop
  namespace: argocd
spec:
  destination: {{server: https://kubernetes.default.svc, namespace: shop}}
  source:
    repoURL: https://git.example.com/shop/deploy.git
    path: charts/web
    helm:
{body}"""


def release(spec: str) -> str:
    """The manifest of a HelmRelease with this below `spec`, and the chart from Git."""
    body = "".join(f"  {line}\n" for line in spec.splitlines())
    return f"""\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: web
  namespace: shop
spec:
  interval: 5m
{body}"""
