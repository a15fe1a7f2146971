"""Answers as a table for people, as JSON for programs, as CSV for spreadsheets."""

import csv
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import typer

from innkeeper.interfaces.cli.asking import Output, remote_of

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def show_list(context: typer.Context, items: Iterable[Any], columns: Sequence[str]) -> None:
    """Print many things; the table has these columns, JSON and CSV have all."""
    from innkeeper_client.reading import plain

    rows: list[dict[str, Any]] = [plain(item) for item in items]
    output = remote_of(context).output
    if output is Output.JSON:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    elif output is Output.CSV:
        _write_csv(rows, columns)
    else:
        _print_table(rows, columns)


def show_one(context: typer.Context, item: Any) -> None:
    """Print one thing with all its fields."""
    from innkeeper_client.reading import plain

    row: dict[str, Any] = plain(item)
    output = remote_of(context).output
    if output is Output.JSON:
        typer.echo(json.dumps(row, indent=2, ensure_ascii=False))
    elif output is Output.CSV:
        _write_csv([row], list(row))
    else:
        width = max(len(name) for name in row)
        for name, value in row.items():
            typer.echo(f"{name:<{width}}  {text_of(value)}")


def text_of(value: Any) -> str:
    """A value in one line for people."""
    if value is None or value in ("", [], {}):
        text = "-"
    elif isinstance(value, bool):
        text = "yes" if value else "no"
    elif isinstance(value, list):
        text = ", ".join(str(item) for item in value)
    elif isinstance(value, Mapping):
        text = json.dumps(value, ensure_ascii=False)
    else:
        text = " ".join(str(value).split())
    return text


def _print_table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column.upper().replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(Text(text_of(row[column])) for column in columns))
    console = Console(width=None if sys.stdout.isatty() else 10_000)
    console.print(table)


def _write_csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    names = list(rows[0]) if rows else list(columns)
    writer = csv.writer(sys.stdout)
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(row[name]) for name in names])


def _cell(value: Any) -> str:
    """A value as a spreadsheet takes it; what would be run as a formula gets an apostrophe in front."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        text = "; ".join(str(item) for item in value)
    elif isinstance(value, Mapping):
        text = json.dumps(value, ensure_ascii=False)
    else:
        text = str(value)
    return f"'{text}" if text.startswith(FORMULA) and not isinstance(value, int) else text
