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
        table.add_row(
            role["name"], role["kind"] if isinstance(role["kind"], str) else ", ".join(role["kind"]), needed, files
        )
    return table


def _settings(schema: Mapping[str, Any]) -> Table:
    table = Table("setting", "default", "range", "unit", "what it does", title="config", title_justify="left")
    for name, field in schema["properties"].items():
        default = "" if field.get("default") is None else str(field["default"])
        table.add_row(name, default, _range(field), str(field.get("x-unit", "")), field.get("description", ""))
    return table


def _range(field: Mapping[str, Any]) -> str:
    if "enum" in field:
        return " | ".join(map(str, field["enum"]))
    if "maxLength" in field:
        return f"at most {field['maxLength']} characters"
    numbers: Mapping[str, float] = next(
        (choice for choice in [field, *field.get("anyOf", [])] if "minimum" in choice), {}
    )
    return f"{numbers['minimum']:g} to {numbers['maximum']:g}" if "maximum" in numbers else ""
