"""The remote commands of `innkeeper`, spoken through the API of a running server."""

from typing import Annotated

import typer

from innkeeper.interfaces.cli import (
    admission,
    api_keys,
    factors,
    files,
    groups,
    imports,
    login,
    mails,
    notifications,
    records,
    sessions,
    ssh_keys,
    users,
)
from innkeeper.interfaces.cli.asking import Output, Remote


def add_commands(app: typer.Typer) -> None:
    """Add the remote commands, and the options before them, to the `innkeeper` program."""
    app.callback()(options)
    for nouns in (
        users.app,
        groups.groups,
        groups.folders,
        groups.grants,
        files.app,
        ssh_keys.app,
        api_keys.app,
        factors.app,
        sessions.sessions,
        sessions.connections,
        records.events,
        records.settings,
        imports.plans,
        mails.mails,
        notifications.app,
    ):
        app.add_typer(nouns)
    users.app.command("admission")(admission.show_admission)
    app.command("import")(imports.import_file)
    app.command("import-template")(imports.import_template)
    app.command("login")(login.login)
    app.command("logout")(login.logout)
    app.command("whoami")(login.whoami)


def options(
    context: typer.Context,
    server: Annotated[
        str,
        typer.Option(
            envvar="INNKEEPER_SERVER",
            help="Where the server answers; else the one signed in to last, or http://127.0.0.1:8080.",
            show_default=False,
        ),
    ] = "",
    api_key: Annotated[
        str, typer.Option(envvar="INNKEEPER_API_KEY", help="In whose name.", show_default=False)
    ] = "",
    output: Annotated[Output, typer.Option(help="How answers are printed.")] = Output.TABLE,
) -> None:
    """Get people into a file site, keep their access right, and get them out again."""
    context.obj = Remote(server, api_key, output)
