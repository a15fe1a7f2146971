"""Arguments and options that mean the same at many commands."""

from typing import Annotated

import typer

Of = Annotated[str | None, typer.Option("--user", help="Of this user, by name or id.")]
Who = Annotated[str, typer.Argument(metavar="USER", help="User name or id.")]
Id = Annotated[str, typer.Argument(metavar="ID")]
Expires = Annotated[str | None, typer.Option("--expires-at", metavar="TIME", help="Worthless from then on.")]
