"""Jaeger, to see traces in a real backend: built once through the Go module proxy into the cache, without its pages."""

from pathlib import Path

from tests.setup import kube

VERSION = "1.76.0"  # the newest that is one program with its storage in memory
MODULE = "github.com/jaegertracing/jaeger"


def find() -> Path:
    """The program."""
    program = kube.ASSETS.with_name(f"jaeger-{VERSION}") / "jaeger"
    if not program.exists():
        program.parent.mkdir(parents=True, exist_ok=True)
        kube.build_module(f"{MODULE}@v{VERSION}", f"{MODULE}/cmd/all-in-one", program)
    return program
