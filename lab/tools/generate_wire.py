"""Generate the tunnel's Python code from proto/ into optral/wire: `python -m lab.tools.generate_wire [TARGET]`.

The result is checked in; `lab/tools/test_generate_wire.py` fails when it is not what the .proto says. grpcio-tools is pinned by the lock,
because another version writes other code. The folder under proto/ follows the proto package, the Python package lives in optral.wire:
`-Ivirtual=real` makes the generated imports right.
"""

import sys
from importlib import resources
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).parents[2]
PACKAGE = "optral/wire/agent/v1"
SOURCE = ROOT / "proto/optral/agent/v1"


def generate(target: Path) -> list[Path]:
    """Write the generated files below `target`; returns them. Raises `RuntimeError` when the .proto is wrong."""
    well_known = resources.files("grpc_tools") / "_proto"
    outcome = protoc.main(
        [
            "protoc",
            f"-I{PACKAGE}={SOURCE}",
            f"-I{well_known}",
            f"--python_out={target}",
            f"--pyi_out={target}",
            f"--grpc_python_out={target}",
            *(f"{PACKAGE}/{path.name}" for path in sorted(SOURCE.glob("*.proto"))),
        ]
    )
    if outcome:
        raise RuntimeError(f"protoc failed with {outcome}")
    return sorted((target / PACKAGE).glob("*_pb2*.py*"))


if __name__ == "__main__":
    for written in generate(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT):
        print(written)
