"""The generated code is what the .proto says."""

from pathlib import Path

import pytest

from lab.tools.generate_wire import PACKAGE, ROOT, generate


@pytest.mark.slow
def test_checked_in_code_is_what_the_proto_generates(tmp_path: Path) -> None:
    generated = generate(tmp_path)
    assert [path.name for path in generated] == ["tunnel_pb2.py", "tunnel_pb2.pyi", "tunnel_pb2_grpc.py"]
    for path in generated:
        assert path.read_text() == (ROOT / PACKAGE / path.name).read_text(), f"{path.name}: run python -m lab.tools.generate_wire"
