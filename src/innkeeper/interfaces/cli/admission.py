"""`innkeeper users admission`: could they come in?"""

from enum import StrEnum
from typing import Annotated

import typer

from innkeeper.interfaces.cli.arguments import Who
from innkeeper.interfaces.cli.asking import client_of, user_id
from innkeeper.interfaces.cli.printing import show_one


class Door(StrEnum):
    """The doors there are."""

    SFTP = "sftp"
    FTPS = "ftps"
    WEBDAV = "webdav"
    WEB = "web"
    API = "api"
    DESKTOP = "desktop"


def show_admission(
    context: typer.Context,
    user: Who,
    interface: Annotated[Door, typer.Option(help="The door.")],
    address: Annotated[str, typer.Option(help="Where they come from, like 203.0.113.7.")],
) -> None:
    """Say whether a user could come in at a door from an address now, and whose lists decide."""
    with client_of(context) as client:
        show_one(context, client.users.admission(user_id(client, user), interface.value, address))
