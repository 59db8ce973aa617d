"""Which value of a release is edited; Helm itself, which renders the chart, is the judge."""

import shutil
from collections.abc import Mapping
from dataclasses import replace

import pytest

from optral.gitops import charts, helm, releases
from optral.gitops.model import CannotEdit, Change, Edit, Files, Target
from optral.gitops.releases import Applied
from optral.kube import diff
from tests.gitops.shop_chart import (
    APPLIED,
    CHART,
    CHART_YAML,
    IMAGE,
    MEMORY,
    PROD,
    REPOSITORY,
    TEMPLATE,
    VALUES,
    WEB,
    InMemory,
    application,
    release,
)  # fmt: skip
from tests.setup import helm as program

LISTED = "chart: ./charts/web, valuesFiles: [./charts/web/values.yaml, ./more.yaml]"
RELEASE = Applied(keeper=Target("HelmRelease", "shop", "web"), folder="fleet")
IN_GIT = "chart: {spec: {chart: ./charts/web, sourceRef: {kind: GitRepository, name: fleet}}}\n"
SINGLE = IN_GIT + "valuesFrom: [{kind: ConfigMap, name: web, valuesKey: count, targetPath: replicas}]\n"
REVISION = IN_GIT.replace("name: fleet}", "name: fleet}, reconcileStrategy: Revision")


@pytest.fixture(autouse=True)
def on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(program.find().parent), prepend=":")


def edits(files: Files, applied: Applied, path: str, before: object, after: object, value: str = "") -> list[Edit]:
    return charts.edits(InMemory(files), applied, [(WEB, Change(diff.steps(path), before, after))], value=value)


def changed(files: Files, applied: Applied, path: str, before: object, after: object, value: str = "") -> tuple[str, str, str]:
    """The one file that is edited, and its lines that go and come."""
    (made,) = edits(files, applied, path, before, after, value)
    old, new = made.before.splitlines(), made.after.splitlines()
    gone, come = [line for line in old if line not in new], [line for line in new if line not in old]
    return made.path, "\n".join(gone), "\n".join(come)


def inline(helm_part: str) -> tuple[Files, Applied]:
    return {**REPOSITORY, "apps/web.yaml": application(helm_part)}, replace(APPLIED, folder="apps")


def with_release(spec: str, **more: str) -> Files:
    return {**CHART, "fleet/web.yaml": release(spec), **{f"fleet/{name}.yaml": text for name, text in more.items()}}


def test_a_value_is_edited_where_it_stands_and_its_comment_stays() -> None:
    found = changed(REPOSITORY, APPLIED, MEMORY, "128Mi", "256Mi")
    assert found == ("envs/prod.yaml", "  limits: {memory: 128Mi} # measured in May", "  limits: {memory: 256Mi} # measured in May")


def test_a_default_of_the_chart_is_overridden_in_the_last_file_of_the_release() -> None:
    found = changed(REPOSITORY, APPLIED, IMAGE, "registry.example/web:1.0", "registry.example/web:1.1")
    assert found == ("envs/prod.yaml", "", 'image:\n  tag: "1.1"')


def test_a_default_of_the_chart_is_edited_where_the_release_has_no_values_of_its_own() -> None:
    applied = replace(APPLIED, value_files=())
    found = changed(REPOSITORY, applied, IMAGE, "registry.example/web:1.0", "registry.example/web:1.1")
    assert found == ("charts/web/values.yaml", '  tag: "1.0" # set by the release', '  tag: "1.1" # set by the release')
    (made,) = edits(REPOSITORY, applied, IMAGE, "registry.example/web:1.0", "registry.example/web:1.1")
    assert "other releases may use them, too" in made.notes[1]


def test_a_number_within_a_text_of_the_chart_is_found() -> None:
    files = {**REPOSITORY, "envs/prod.yaml": PROD + "sidecar: {enabled: true}\n"}
    found = changed(files, APPLIED, "spec.template.spec.containers[proxy].resources.limits.memory", "32Mi", "64Mi")
    assert found == ("envs/prod.yaml", "sidecar: {enabled: true}", "sidecar: {enabled: true, memoryMi: 64}")


def test_a_value_that_is_not_set_yet_goes_where_the_chart_reads_it() -> None:
    found = changed(REPOSITORY, APPLIED, MEMORY.replace("limits", "requests"), None, "64Mi")
    assert found == ("envs/prod.yaml", "", "  requests:\n    memory: 64Mi")


def test_a_value_that_the_chart_takes_from_nowhere_is_found_in_no_map() -> None:
    with pytest.raises(CannotEdit, match=r"No value of the release that could be found sets spec\.paused of Deployment shop/web"):
        edits(REPOSITORY, APPLIED, "spec.paused", None, True)


def test_several_fields_of_one_plan_are_one_edit() -> None:
    wanted = [(WEB, Change(diff.steps(MEMORY), "128Mi", "256Mi")), (WEB, Change(("spec", "replicas"), 3, 4))]
    (made,) = charts.edits(InMemory(REPOSITORY), APPLIED, wanted)
    assert made.after == PROD.replace("128Mi", "256Mi").replace("replicas: 3", "replicas: 4")


def test_one_value_may_set_all_fields_of_a_plan() -> None:
    both = TEMPLATE.replace("limits: {memory:", "requests: {memory: {{ .Values.sidecar.memoryMi }}Mi}, limits: {memory:")
    files = {**REPOSITORY, "charts/web/templates/web.yaml": both, "envs/prod.yaml": PROD + "sidecar: {enabled: true}\n"}
    proxy = "spec.template.spec.containers[proxy].resources"
    wanted = [(WEB, Change(diff.steps(f"{proxy}.{one}.memory"), "32Mi", "48Mi")) for one in ("limits", "requests")]
    (made,) = charts.edits(InMemory(files), APPLIED, wanted)
    assert made.after.endswith("sidecar: {enabled: true, memoryMi: 48}\n")
    with pytest.raises(CannotEdit, match=r"sidecar.memoryMi would also change .*requests.memory of Deployment shop/web"):
        charts.edits(InMemory(files), APPLIED, wanted[:1])  # one field alone cannot be had


# --- manifests of Argo CD

ARGO_CD = {
    "a text": ("values: |\n  # inline\n  image:\n    tag: '2.0' # now\n\n  replicas: 2\n", "    tag: '2.0' # now", "    tag: '2.1' # now"),
    "an object": ("valuesObject:\n  image: {tag: '2.0'}\n", "  image: {tag: '2.0'}", "  image: {tag: '2.1'}"),
    "a parameter": ("parameters:\n- name: image.tag\n  value: '2.0' # now\n", "  value: '2.0' # now", "  value: '2.1' # now"),
    "a parameter over a text": (
        "values: |\n  image: {tag: '1.9'}\nparameters:\n- {name: image.tag, value: '2.0', forceString: true}\n",
        "- {name: image.tag, value: '2.0', forceString: true}", "- {name: image.tag, value: '2.1', forceString: true}",
    ),
    "an object over a text": (
        "values: |\n  image: {tag: '1.9'}\nvaluesObject: {image: {tag: '2.0'}}\n",
        "valuesObject: {image: {tag: '2.0'}}", "valuesObject: {image: {tag: '2.1'}}",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ARGO_CD)
def test_values_within_an_application_are_edited_there(name: str) -> None:
    part, gone, come = ARGO_CD[name]
    files, applied = inline(part)
    path, *lines = changed(files, applied, IMAGE, "registry.example/web:2.0", "registry.example/web:2.1")
    assert (path, *(line.removeprefix("      ") for line in lines)) == ("apps/web.yaml", gone, come)


def test_the_files_that_the_manifest_names_count_and_not_those_of_the_inventory() -> None:
    files, applied = inline("valueFiles: [/envs/prod.yaml]\n")
    assert changed(files, replace(applied, value_files=("gone.yaml",)), "spec.replicas", 3, 4)[0] == "envs/prod.yaml"


def test_values_are_looked_for_in_the_whole_repository_where_nothing_applies_the_application() -> None:
    files, applied = inline("parameters: [{name: replicas, value: '2'}]\n")
    assert changed(files, replace(applied, folder=""), "spec.replicas", 2, 4)[0] == "apps/web.yaml"


# --- manifests of Flux

FLUX = {
    "values": (with_release(IN_GIT + "values:\n  replicas: 2 # two\n"), "fleet/web.yaml", "    replicas: 2 # two", "    replicas: 4 # two"),
    "a patch of Kustomize": (
        with_release(
            IN_GIT + "values:\n  replicas: 1\n",
            kustomization="resources: [web.yaml]\npatches: [{path: patch.yaml}]\n",
            patch="kind: HelmRelease\nmetadata: {name: web}\nspec:\n  values: {replicas: 2} # peak\n",
        ),
        "fleet/patch.yaml", "  values: {replicas: 2} # peak", "  values: {replicas: 4} # peak",
    ),
    "a ConfigMap": (
        with_release(
            IN_GIT + "valuesFrom: [{kind: ConfigMap, name: web}]\n",
            config="kind: ConfigMap\nmetadata: {name: web}\ndata:\n  values.yaml: |\n    replicas: 2 # shared\n",
        ),
        "fleet/config.yaml", "    replicas: 2 # shared", "    replicas: 4 # shared",
    ),
    "a generated ConfigMap": (
        with_release(
            IN_GIT + "valuesFrom: [{kind: ConfigMap, name: web, valuesKey: prod}]\n",
            kustomization="resources: [web.yaml]\nconfigMapGenerator: [{name: web, files: [prod=more.yaml]}]\n",
            more="replicas: 2\n",
        ),
        "fleet/more.yaml", "replicas: 2", "replicas: 4",
    ),
    "a single value of a ConfigMap": (
        with_release(SINGLE, config="kind: ConfigMap\nmetadata: {name: web}\ndata:\n  count: '2' # all\n"),
        "fleet/config.yaml", "  count: '2' # all", "  count: '4' # all",
    ),
    "the last of several ConfigMaps": (
        with_release(
            IN_GIT + "valuesFrom: [{kind: ConfigMap, name: a}, {kind: ConfigMap, name: b}, {kind: ConfigMap, name: c}]\n",
            a="kind: ConfigMap\nmetadata: {name: a}\ndata:\n  values.yaml: |\n    replicas: 9\n",
            b="kind: ConfigMap\nmetadata: {name: b}\ndata:\n  values.yaml: |\n    replicas: 2 # last\n",
            c="kind: ConfigMap\nmetadata: {name: c}\ndata:\n  values.yaml: |\n    image: {tag: x}\n",
        ),
        "fleet/b.yaml", "    replicas: 2 # last", "    replicas: 4 # last",
    ),
    "values over a single value": (
        with_release(
            SINGLE.replace("targetPath: replicas}]", "targetPath: replicas}, {kind: ConfigMap, name: last}]"),
            config="kind: ConfigMap\nmetadata: {name: web}\ndata: {count: '7'}\n",
            last="kind: ConfigMap\nmetadata: {name: last}\ndata:\n  values.yaml: |\n    replicas: 2 # last\n",
        ),
        "fleet/last.yaml", "    replicas: 2 # last", "    replicas: 4 # last",
    ),
    "a single value over values": (
        with_release(
            SINGLE.replace("valuesFrom: [", "valuesFrom: [{kind: ConfigMap, name: first}, "),
            config="kind: ConfigMap\nmetadata: {name: web}\ndata: {count: '2'}\n",
            first="kind: ConfigMap\nmetadata: {name: first}\ndata:\n  values.yaml: |\n    replicas: 7\n",
        ),
        "fleet/config.yaml", "data: {count: '2'}", "data: {count: '4'}",
    ),
    "a single value in a generated ConfigMap": (
        {**with_release(
            SINGLE,
            kustomization="resources: [web.yaml]\nconfigMapGenerator: [{name: web, files: [count=count.yaml]}]\n",
         ), "fleet/count.yaml": "2"},
        "fleet/count.yaml", "2", "4",
    ),
    "a values file of the chart": (
        {**with_release(REVISION.replace("chart: ./charts/web", LISTED)),
         "more.yaml": "replicas: 2\n"},
        "fleet/web.yaml", "", "  values:\n    replicas: 4",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FLUX)
def test_values_of_a_helm_release_are_edited_where_they_stand(name: str) -> None:
    files, *expected = FLUX[name]
    assert changed(files, RELEASE, "spec.replicas", 2, 4) == tuple(expected)


def test_the_name_of_a_release_is_shortened_as_flux_does() -> None:
    """The hash is that of the example in the documentation of Flux; the name has 53 characters, as the rule beside the example says."""
    long = replace(RELEASE, keeper=Target("HelmRelease", "shop", "with-a-nice-object-name"))
    manifest = release(IN_GIT + "targetNamespace: a-very-lengthy-target-namespace\n").replace(
        "name: web\n", "name: with-a-nice-object-name\n"
    )
    found = releases.setup({**CHART, "fleet/web.yaml": manifest}, long)
    assert found.release.name == "a-very-lengthy-target-namespace-with-a-n-97af5d7f41f3"


def test_a_text_that_looks_like_a_number_stays_a_text() -> None:
    single = SINGLE.replace("targetPath: replicas", "targetPath: image.tag")
    files = with_release(single, config="kind: ConfigMap\nmetadata: {name: web}\ndata:\n  count: \"'2'\"\n")
    found = changed(files, RELEASE, IMAGE, "registry.example/web:2", "registry.example/web:3")
    assert found == ("fleet/config.yaml", "  count: \"'2'\"", '  count: "\\"3\\""')


def test_a_default_of_a_chart_from_git_is_overridden_in_the_helm_release() -> None:
    assert changed(with_release(IN_GIT), RELEASE, "spec.replicas", 1, 2) == ("fleet/web.yaml", "", "  values:\n    replicas: 2")


# --- charts


def test_values_of_a_chart_within_the_chart_are_set_from_outside() -> None:
    files = {
        "charts/web/Chart.yaml": CHART_YAML + "dependencies: [{name: inner, version: 0.1.0, alias: front}]\n",
        "charts/web/values.yaml": "# nothing yet\n",
        **{path.replace("charts/web/", "charts/web/charts/inner/"): text for path, text in CHART.items()},
        "charts/web/charts/inner/Chart.yaml": CHART_YAML.replace("name: web", "name: inner"),
    }
    found = changed(files, replace(APPLIED, value_files=()), "spec.replicas", 1, 2)
    assert found == ("charts/web/values.yaml", "", "front:\n  replicas: 2")


def test_a_chart_beside_it_is_found_by_its_path() -> None:
    files = {path.replace("charts/web/", "shared/inner/"): text for path, text in CHART.items()}
    files["shared/inner/Chart.yaml"] = CHART_YAML.replace("name: web", "name: inner")
    files["charts/web/Chart.yaml"] = CHART_YAML + "dependencies: [{name: inner, version: 0.1.0, repository: 'file://../../shared/inner'}]\n"
    files["charts/web/values.yaml"] = "inner:\n  replicas: 2 # ours\n"
    found = changed(files, replace(APPLIED, value_files=()), "spec.replicas", 2, 3)
    assert found == ("charts/web/values.yaml", "  replicas: 2 # ours", "  replicas: 3 # ours")


def test_what_a_chart_renders_differently_each_time_does_not_count() -> None:
    noise = "apiVersion: v1\nkind: Secret\nmetadata: {name: made-up}\nstringData: {word: {{ randAlphaNum 20 }}}\n"
    files = {**REPOSITORY, "charts/web/templates/secret.yaml": noise}
    assert changed(files, APPLIED, "spec.replicas", 3, 4) == ("envs/prod.yaml", "replicas: 3", "replicas: 4")


def test_a_chart_from_elsewhere_is_given_by_the_person() -> None:
    chart = {path.removeprefix("charts/web/"): text.encode() for path, text in CHART.items()}
    spec = "chart: {spec: {chart: web, version: 0.1.0, sourceRef: {kind: HelmRepository, name: shop}}}\n"
    files = {"fleet/web.yaml": release(spec + "values: {replicas: 2}\n")}
    wanted = [(WEB, Change(("spec", "replicas"), 2, 4))]
    (made,) = charts.edits(InMemory(files), RELEASE, wanted, chart=chart)
    assert made.after == files["fleet/web.yaml"].replace("replicas: 2", "replicas: 4")
    with pytest.raises(
        CannotEdit, match=r"The chart web is not in the repository, .*: run helm pull, then optral executions patch with --chart"
    ):
        charts.edits(InMemory(files), RELEASE, wanted)


def test_between_two_values_a_person_chooses() -> None:
    files = {**REPOSITORY, "charts/web/templates/web.yaml": TEMPLATE.replace(".Values.replicas", "max .Values.replicas .Values.least")}
    files["envs/prod.yaml"] = "replicas: 3\nleast: 3\n"
    with pytest.raises(CannotEdit, match=r"More than one value sets spec.replicas of Deployment shop/web: least, replicas\. Choose one"):
        edits(files, APPLIED, "spec.replicas", 3, 4)
    assert changed(files, APPLIED, "spec.replicas", 3, 4, "least") == ("envs/prod.yaml", "least: 3", "least: 4")
    with pytest.raises(CannotEdit, match="No value of the release that could be found sets"):
        edits(files, APPLIED, "spec.replicas", 3, 4, "image.tag")


def everywhere() -> Files:
    other = TEMPLATE.replace("name: {{ .Release.Name }}\nspec", "name: worker\nspec")
    return {**REPOSITORY, "charts/web/templates/worker.yaml": other}


def prod(text: str) -> Files:
    return {**REPOSITORY, "envs/prod.yaml": text}


NESTED = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
COUNT = "kind: ConfigMap\nmetadata: {name: web}\ndata: {count: '3'}\n"
REFUSED: dict[str, tuple[Files, Applied, str]] = {
    "another object changes": (everywhere(), APPLIED, r"replicas would also change spec.replicas of Deployment shop/worker"),
    "the cluster has another value": (prod("replicas: 2\n"), APPLIED, r"spec.replicas is 2 in what Helm renders and 3 in the cluster"),
    "another object": (CHART, replace(APPLIED, value_files=(), release="other"), r"The chart does not render Deployment shop/web"),
    "a missing file": (CHART, APPLIED, r"The values file envs/prod.yaml is not in the repository"),
    "a file of another source": (REPOSITORY, replace(APPLIED, value_files=("$values/prod.yaml",)), "is not a file of this repository"),
    "a file from the web": (REPOSITORY, replace(APPLIED, value_files=("https://git.example.com/prod.yaml",)), "is not a file of this"),
    "a file outside": (REPOSITORY, replace(APPLIED, value_files=("../../../../etc/passwd",)), "leaves the repository"),
    "hidden values": (REPOSITORY, replace(APPLIED, omitted=("parameters",)), "sets parameters itself, and its manifest is not in the repo"),
    "a name that is an option": (REPOSITORY, replace(APPLIED, release="--post-renderer=sh"), "is no name of a Helm release"),
    "an alias": (prod("x: &n 3\nreplicas: *n\n"), APPLIED, "replicas is a YAML anchor"),
    "a bomb": (prod(NESTED + "replicas: 3\n"), APPLIED, "envs/prod.yaml is no values file"),
    "no values": (prod("- 1\n"), APPLIED, "envs/prod.yaml is no values file"),
    "no chart": ({**REPOSITORY, "charts/web/Chart.yaml": "a: b"}, APPLIED, "Helm cannot render the chart"),
    "a missing dependency": (
        {**REPOSITORY, "charts/web/Chart.yaml": CHART_YAML + "dependencies: [{name: db, version: 1.0.0, repository: 'https://charts.example.com'}]\n"},
        APPLIED, "Helm cannot render the chart: .*missing in charts/ directory: db",
    ),
    "a template that fails": (
        {**REPOSITORY, "charts/web/templates/x.yaml": '{{ fail "set the domain" }}'}, APPLIED, "cannot render.*set the domain",
    ),
    "a template that renders no YAML": ({**REPOSITORY, "charts/web/templates/x.yaml": "a: ]"}, APPLIED, "Helm cannot render the chart"),
    "file parameters": (*inline("fileParameters: [{name: a, path: b}]\n"), "uses fileParameters"),
    "two applications": (
        {**REPOSITORY, "a.yaml": application("releaseName: web"), "b.yaml": application("releaseName: web")}, APPLIED,
        "More than one document describes Application argocd/web: a.yaml, b.yaml",
    ),
    "no release": (CHART, RELEASE, "No file in fleet describes HelmRelease shop/web"),
    "a Secret": (with_release(IN_GIT + "valuesFrom: [{kind: Secret, name: web}]\n"), RELEASE, "uses valuesFrom Secret web, which"),
    "a missing ConfigMap": (with_release(IN_GIT + "valuesFrom: [{kind: ConfigMap, name: web}]\n"), RELEASE, "values.yaml of Conf"),
    "a single value that spec.values sets, too": (
        with_release(SINGLE + "values: {replicas: 3}\n", config=COUNT), RELEASE,
        "sets replicas by targetPath and in spec.values, and versions of Flux differ",
    ),
    "a text where a single value needs a map": (
        with_release(SINGLE.replace("targetPath: replicas", "targetPath: image.tag") + "values: {image: none}\n", config=COUNT), RELEASE,
        "sets image.tag by targetPath and in spec.values",
    ),
    "an element of a list": (
        with_release(SINGLE.replace("targetPath: replicas", "targetPath: 'replicas[0]'"), config=COUNT), RELEASE,
        r"uses the targetPath replicas\[0\] in a way that is not followed",
    ),
    "a literal": (with_release(SINGLE.replace("replicas}", "replicas, literal: true}"), config=COUNT), RELEASE, "in a way that is not"),
    "a list as a single value": (
        with_release(SINGLE, config=COUNT.replace("'3'", "'{1,2}'")), RELEASE, "The value of replicas is not one plain value",
    ),
    "a single value of several lines": (
        {**with_release(
            SINGLE, kustomization="resources: [web.yaml]\nconfigMapGenerator: [{name: web, files: [count=count.yaml]}]\n",
         ), "fleet/count.yaml": "3\n"}, RELEASE, "The value of replicas is not one plain value",
    ),
    "post-renderers": (with_release(IN_GIT + "postRenderers: [{kustomize: {}}]\n"), RELEASE, "uses postRenderers"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_proven_is_refused_with_the_reason(name: str) -> None:
    files, applied, say = REFUSED[name]
    with pytest.raises(CannotEdit, match=say):
        edits(files, applied, "spec.replicas", 3, 4)


# --- limits


def rendered(template: str, **values: str) -> Mapping[Target, object]:
    files = {"Chart.yaml": CHART_YAML.encode(), "templates/x.yaml": template.encode()}
    with helm.Chart(files, helm.Release("web", "shop"), program=helm.find()) as chart:
        return chart.render(helm.Values([], [f"{name}={value}" for name, value in values.items()]))


CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  found: "


def test_templates_see_no_cluster_no_network_and_no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", "/nonexistent")
    monkeypatch.setenv("SECRET_OF_THE_SERVER", "s3cret")
    template = (
        CONFIG + '{{ printf "%v%s%s" (lookup "v1" "Secret" "" "") (getHostByName "localhost") (.Files.Get "/etc/hostname") | quote }}\n'
    )
    assert rendered(template)[Target("ConfigMap", "shop", "x")]["data"] == {"found": "map[]"}  # type: ignore[index]


@pytest.mark.parametrize("name", ["env", "expandenv"])
def test_templates_cannot_read_the_environment(name: str) -> None:
    with pytest.raises(CannotEdit, match=f'function "{name}" not defined'):
        rendered(CONFIG + "{{ " + name + ' "PATH" }}\n')


def test_a_template_that_writes_too_much_is_refused() -> None:
    with pytest.raises(CannotEdit, match="The chart renders more than 4 MiB"):
        rendered(CONFIG + '{{ repeat 5000000 "x" }}\n')


def test_a_template_without_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helm, "RENDER_S", 1.0)
    with pytest.raises(CannotEdit, match=r"within 1 seconds|was ended"):
        rendered("{{ range $i := until 100000 }}{{ range $j := until 100000 }}{{ end }}{{ end }}\n")


def test_without_helm_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(CannotEdit, match=r"Helm is not installed here\. Install helm on the PATH and try again"):
        edits(REPOSITORY, APPLIED, MEMORY, "128Mi", "256Mi")


def test_the_defaults_of_the_chart_are_as_they_were() -> None:
    """What the other tests say of `VALUES` is what the chart has."""
    assert 'tag: "1.0" # set by the release' in VALUES
