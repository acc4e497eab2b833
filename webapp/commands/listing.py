"""`reelgrove templates` for people: a table a template."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table


def print_schemas(schemas: Mapping[str, Mapping[str, Any]]) -> None:
    """Print the inputs and settings of each template."""
    console = Console()
    for name, schema in schemas.items():
        console.print(f"\n[bold]{name}[/bold]  {schema.get('description', '').partition(chr(10))[0]}")
        console.print(_inputs(schema))
        console.print(_settings(schema))


def _inputs(schema: Mapping[str, Any]) -> Table:
    table = Table("input", "kind", "needed", "files", title="user_assets", title_justify="left")
    for role in schema["x-assets"]:
        needed, files = "yes" if role["required"] else "no", "many" if role["many"] else "one"
        table.add_row(role["name"], " or ".join(role["kinds"]), needed, files)
    return table


def _settings(schema: Mapping[str, Any]) -> Table:
    table = Table("setting", "default", "range", "unit", "what it does", title="config", title_justify="left")
    for name, field in schema["properties"].items():
        default = "" if field.get("default") is None else str(field["default"])
        table.add_row(name, default, _range(field), str(field.get("x-unit", "")), field.get("description", ""))
    return table


def _range(field: Mapping[str, Any]) -> str:
    choice: Mapping[str, Any] = next((one for one in field.get("anyOf", ()) if one.get("type") != "null"), field)
    if "enum" in choice:
        return " | ".join(map(str, choice["enum"]))
    if "maxLength" in choice:
        return f"at most {choice['maxLength']} characters"
    if "exclusiveMinimum" in choice:
        return f"above {choice['exclusiveMinimum']:g}, to {choice['maximum']:g}"
    return f"{choice['minimum']:g} to {choice['maximum']:g}" if "maximum" in choice else ""
