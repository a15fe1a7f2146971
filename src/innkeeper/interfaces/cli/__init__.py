"""The remote commands of `innkeeper`, spoken through the API of a running server."""

import typer


def add_commands(app: typer.Typer) -> None:
    """Add the remote commands to the `innkeeper` program."""
