"""The `innkeeper` command: serve, init and demo here; everything else through the API of a running server."""

import gc
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from innkeeper.domain.errors import Refused
from innkeeper.interfaces.cli import add_commands
from innkeeper.settings import SettingsError, load

app = typer.Typer(
    name="innkeeper",
    help="Gets people into a file site, keeps their access right, and gets them out again.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
Data = Annotated[Path | None, typer.Option(help="Directory for database, files and keys.")]
DatabaseUrl = Annotated[str | None, typer.Option(help="postgresql://…; else SQLite in the data directory.")]
Http = Annotated[str | None, typer.Option(metavar="HOST:PORT", help="Console and API listen here.")]
Sftp = Annotated[str | None, typer.Option(metavar="HOST:PORT", help="SFTP listens here; '' for none.")]
Ftps = Annotated[str | None, typer.Option(metavar="HOST:PORT", help="FTPS listens here; none if not given.")]
FtpsImplicit = Annotated[
    str | None, typer.Option(metavar="HOST:PORT", help="FTPS with implicit TLS listens here.")
]
PublicUrl = Annotated[str | None, typer.Option(help="How browsers reach the console.")]
LogLevel = Annotated[str | None, typer.Option(help="debug, info, warning or error.")]


@app.command()
def serve(
    data: Data = None,
    http: Http = None,
    sftp: Sftp = None,
    ftps: Ftps = None,
    ftps_implicit: FtpsImplicit = None,
    database_url: DatabaseUrl = None,
    public_url: PublicUrl = None,
    log_level: LogLevel = None,
) -> None:
    """Run the server until it is told to stop."""
    # What is imported stays: to look through it for garbage again and again slows the start by a tenth.
    gc.disable()
    with one_line():
        from innkeeper.assembly.serving import run

        run(
            load(
                data=data,
                http=http,
                sftp=sftp,
                ftps=ftps,
                ftps_implicit=ftps_implicit,
                database_url=database_url,
                public_url=public_url,
                log_level=log_level,
            )
        )


@app.command()
def init(
    username: Annotated[str, typer.Option(help="User name of the first administrator.")],
    email: Annotated[str, typer.Option(help="Their e-mail address.")] = "",
    name: Annotated[str, typer.Option(help="Their name.")] = "",
    *,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read their password from standard input.")
    ] = False,
    api_key: Annotated[bool, typer.Option("--api-key", help="Make an API key for them, shown once.")] = False,
    data: Data = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Set up a new site with its first administrator; prints one JSON object."""
    with one_line():
        from innkeeper.assembly.serving import initialize

        values: dict[str, Any] = {"username": username, "email": email, "name": name}
        if password_stdin:
            values["password"] = _read_password()
        settings = load(data=data, database_url=database_url)
        typer.echo(json.dumps(initialize(settings, values, with_api_key=api_key)))


@app.command()
def demo(data: Data = Path("innkeeper-demo"), http: Http = None, sftp: Sftp = None) -> None:
    """Fill a site with invented people, folders and three months of history, and serve it."""
    with one_line():
        from innkeeper.assembly.serving import run, show_demo

        settings = load(data=data, http=http, sftp=sftp)
        show_demo(settings)
        run(settings)


@app.command("mail-test")
def mail_test(
    to: Annotated[str, typer.Option(metavar="ADDRESS", help="Who gets the mail.")],
) -> None:
    """Send one mail by the settings of this process, and print what the mail server said."""
    with one_line():
        from innkeeper.assembly.mail import send_test

        typer.echo(send_test(load(), to))


@contextmanager
def one_line() -> Iterator[None]:
    """Turn what an administrator can mend into one line on standard error and exit code 1."""
    # The server's parts take most of a second to import; the commands of the client should not wait for that.
    from innkeeper.assembly.opening import CannotStart

    try:
        yield
    except (CannotStart, SettingsError, Refused) as error:
        typer.echo(f"innkeeper: {error}", err=True)
        raise typer.Exit(1) from error


def _read_password() -> str:
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise SettingsError("--password-stdin: standard input was empty, expected a password and a line end")
    return password


def main() -> None:
    """Entry point."""
    app()


add_commands(app)
