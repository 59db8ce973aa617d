"""cert-manager's controllers, for the test of a renewal: built once into the cache, with the definitions of their resources.

Its program is a module of its own that the Go module proxy does not serve, so the controllers of a self-signed Issuer run in a program of
ours, as cert-manager's own starts them: no webhook, no ACME, no leader election.
"""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import yaml

from tests.setup import golang, machine

VERSION = "1.18.2"
MODULE = "github.com/cert-manager/cert-manager"
HOME = machine.CACHE / f"cert-manager-{VERSION}"
PROGRAM = HOME / "cert-manager"
CONTROLLERS = (
    "controller/certificaterequests/approver",
    "controller/certificaterequests/selfsigned",
    "controller/certificates/issuing",
    "controller/certificates/keymanager",
    "controller/certificates/readiness",
    "controller/certificates/requestmanager",
    "controller/certificates/revisionmanager",
    "controller/certificates/trigger",
    "controller/issuers",
    "issuer/selfsigned",
)
SOURCE = """\
package main

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"k8s.io/klog/v2"
	"k8s.io/utils/clock"

	"MODULE/pkg/controller"
	"MODULE/pkg/metrics"
IMPORTS
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	options := controller.ContextOptions{Kubeconfig: os.Getenv("KUBECONFIG"), KubernetesAPIQPS: 50, KubernetesAPIBurst: 100}
	options.Clock, options.Metrics = clock.RealClock{}, metrics.New(klog.Background(), clock.RealClock{})
	factory, err := controller.NewContextFactory(ctx, options)
	check(err)
	var group sync.WaitGroup
	for _, construct := range controller.Known() {
		one, err := construct(factory)
		check(err)
		group.Add(1)
		go func() { defer group.Done(); check(one.Run(2, ctx)) }()
	}
	shared, err := factory.Build()
	check(err)
	shared.SharedInformerFactory.Start(ctx.Done())
	shared.KubeSharedInformerFactory.Start(ctx.Done())
	group.Wait()
}

func check(err error) {
	if err != nil {
		klog.Fatal(err)
	}
}
"""


def find() -> None:
    """The program, with the definitions beside it."""
    if not PROGRAM.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        machine.say(f"building the controllers of cert-manager {VERSION} (once, into {HOME})")
        with tempfile.TemporaryDirectory() as folder:
            _build(Path(folder))


def definitions() -> list[Any]:
    """CustomResourceDefinitions of cert-manager, without the labels and annotations that its chart fills in."""
    found = [yaml.safe_load(path.read_text()) for path in sorted((HOME / "crds").glob("*.yaml"))]
    return [{**one, "metadata": {"name": one["metadata"]["name"]}} for one in found]


def _build(folder: Path) -> None:
    go = golang.find()
    imports = "\n".join(f'\t_ "{MODULE}/pkg/{one}"' for one in CONTROLLERS)
    (folder / "go.mod").write_text("module optral.test/tool\n\ngo 1.26\n")
    (folder / "main.go").write_text(SOURCE.replace("IMPORTS", imports).replace("MODULE", MODULE))
    machine.run(go, "get", f"{MODULE}@v{VERSION}", cwd=folder, env=golang.ENVIRONMENT)
    unfinished = PROGRAM.with_suffix(".part")
    machine.run(go, "build", "-trimpath", "-ldflags", "-s -w", "-o", unfinished, ".", cwd=folder, env=golang.ENVIRONMENT)
    tree = json.loads(machine.run(go, "mod", "download", "-json", f"{MODULE}@v{VERSION}", cwd=folder, env=golang.ENVIRONMENT))["Dir"]
    shutil.copytree(Path(tree) / "deploy/crds", HOME / "crds", dirs_exist_ok=True, copy_function=shutil.copyfile)
    unfinished.rename(PROGRAM)  # a build that was cut off leaves nothing that looks finished
