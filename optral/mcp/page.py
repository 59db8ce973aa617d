"""`docs/reference/assistant-tools.md`, from the tools themselves: python -m optral.mcp.page > docs/reference/assistant-tools.md"""

import sys
from collections.abc import Mapping
from typing import Any

from optral.mcp import calls
from optral.mcp.answers import MAX_BYTES

_HEAD = f"""# Tools for assistants

The tools that `optral mcp` and `/mcp` offer over the Model Context Protocol ([Connect an assistant](../how-to/assistants.md)). An answer
has at most {MAX_BYTES:,} bytes: first Optral's own lines (the time, how current each cluster is, notes), then what comes from clusters,
between `<data-…>` tags. Names are exact; a wrong or ambiguous one gets an error with similar names. Only `plan_fix` writes, and it
writes a plan that another person approves.
"""


def as_markdown() -> str:
    """The page."""
    return _HEAD + "".join(f"\n## {name}\n\n{calls.about(tool)}\n{_arguments(calls.schema(tool))}" for name, tool in calls.TOOLS.items())


def _arguments(schema: Mapping[str, Any]) -> str:
    if not schema["properties"]:
        return ""
    rows = [_row(name, one, is_required=name in schema["required"]) for name, one in schema["properties"].items()]
    return "\n| argument | type | |\n|---|---|---|\n" + "".join(rows)


def _row(name: str, one: Mapping[str, Any], *, is_required: bool) -> str:
    shape: Mapping[str, Any] = next((part for part in one.get("anyOf", ()) if part["type"] != "null"), one)
    default = one.get("default")
    notes = [shape.get("description", ""), "required" if is_required else f"default: {default!r}" if default else ""]
    return f"| `{name}` | {shape['type']} | {'; '.join(note for note in notes if note)} |\n"


if __name__ == "__main__":
    sys.stdout.write(as_markdown())
