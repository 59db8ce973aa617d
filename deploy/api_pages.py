"""The REST API as pages of the documentation site, made from `contracts/openapi.json` while the site is built: one page for each resource,
and one with the shapes that requests and responses share. They are Markdown, so that the search of the site finds them without scripts.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

CONTRACT = Path(__file__).parents[1] / "contracts/openapi.json"
FOLDER = "reference/api"
METHODS = ("get", "post", "put", "patch", "delete")
SHAPES = "shapes.md"
Json = Mapping[str, Any]


def pages() -> dict[str, str]:
    """Markdown by file name."""
    document = json.loads(CONTRACT.read_text())
    by_tag: dict[str, list[str]] = {}
    for path, item in document["paths"].items():
        for method in (one for one in METHODS if one in item):
            by_tag.setdefault((item[method].get("tags") or ["other"])[0], []).append(_operation(document, path, method, item[method]))
    made = {f"{tag}.md": f"# {title(tag)}\n\n" + "\n".join(by_tag[tag]) for tag in sorted(by_tag)}
    return made | {SHAPES: "# Shapes\n\nThe objects of requests and responses, by name.\n\n" + "\n".join(_shapes(document))}


def title(tag: str) -> str:
    words = tag.replace("-", " ").replace("api", "API").replace("ai", "AI")
    return f"{words[0].upper()}{words[1:]}"


def _operation(document: Json, path: str, method: str, operation: Json) -> str:
    lines = [f"## {operation.get('summary', path)}", "", f"`{method.upper()} {path}`", ""]
    if scope := operation.get("x-required-scope"):
        lines += [f"Scope: `{scope}`", ""]
    if text := operation.get("description"):
        lines += [text, ""]
    parameters = [_resolved(document, one) for one in operation.get("parameters", ())]
    lines += _table(("parameter", "in", "type", "meaning"), [_parameter(one) for one in parameters])
    content = _resolved(document, operation.get("requestBody", {})).get("content", {})
    if body := content.get("application/json", next(iter(content.values()), None)):
        lines += [f"Body: {_type(body['schema'])}", ""]
    return "\n".join(lines + _responses(document, operation["responses"]))


def _responses(document: Json, responses: Json) -> list[str]:
    rows, errors = [], []
    for status, response in responses.items():
        content = next(iter(_resolved(document, response).get("content", {}).values()), None)
        if status >= "4":
            errors.append(f"`{status}`")
        else:
            rows.append((f"`{status}`", _type(content["schema"]) if content and "schema" in content else "no content"))
    errors_text = [f"[Errors](../../errors.md): {', '.join(errors)}", ""] if errors else []
    return _table(("status", "response"), rows) + errors_text


def _parameter(one: Json) -> Sequence[str]:
    required = " (required)" if one.get("required") and one["in"] != "path" else ""
    return f"`{one['name']}`{required}", one["in"], _type(one.get("schema", {})), one.get("description", "")


def _shapes(document: Json) -> Iterator[str]:
    for name, shape in sorted(document["components"]["schemas"].items()):
        required = set(shape.get("required", ()))
        rows = [
            (f"`{member}`{'' if member in required else ' (optional)'}", _type(of), of.get("description", ""))
            for member, of in shape.get("properties", {}).items()
        ]
        text = shape.get("description", "")
        yield "\n".join(
            [f"## {name}", "", *([text, ""] if text else []), *(_table(("member", "type", "meaning"), rows) or [_type(shape), ""])]
        )


def _type(schema: Json) -> str:
    """`string`, `list of` a shape, one of some values; shapes are links."""
    if ref := schema.get("$ref"):
        name = ref.rpartition("/")[2]
        return f"[{name}]({SHAPES}#{name.lower()})"
    if parts := [part for key in ("allOf", "anyOf", "oneOf") for part in schema.get(key, ())]:
        return " or ".join(_type(part) for part in parts)
    if values := schema.get("enum"):
        return ", ".join(f"`{value}`" for value in values)
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if schema.get("type") == "object" and isinstance(inner := schema.get("additionalProperties"), dict):
        return f"object of {_type(inner) or 'values'}"
    return " ".join(str(schema[key]) for key in ("type", "format") if key in schema) or "any value"


def _resolved(document: Json, one: Json) -> Json:
    while ref := one.get("$ref"):
        one = document
        for name in ref.removeprefix("#/").split("/"):
            one = one[name]
    return one


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    if not rows:
        return []
    cells = [[" ".join(cell.split()).replace("|", "\\|") for cell in row] for row in rows]
    return [f"| {' | '.join(row)} |" for row in [heads, ["---"] * len(heads), *cells]] + [""]
