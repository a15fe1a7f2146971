"""What the commands keep between two calls, in the user's own configuration directory."""

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import typer

if TYPE_CHECKING:
    from innkeeper_client import KeptLogin

DEFAULT_SERVER = "http://127.0.0.1:8080"


def server_of(said: str) -> str:
    """The server that was named, else the one that somebody signed in to last."""
    known = _place() / "server"
    if said:
        address = said
    elif known.exists():
        address = known.read_text().strip()
    else:
        address = DEFAULT_SERVER
    return address.rstrip("/")


def keep_server(address: str) -> None:
    """The server that is meant from now on when none is named."""
    (_place() / "server").write_text(address + "\n")


def login_of(address: str) -> "KeptLogin":
    """Where the login to this server is kept, or would be."""
    from innkeeper_client import KeptLogin

    return KeptLogin(_place() / "logins" / f"{quote(address.lower(), safe='')}.json")


def _place() -> Path:
    return Path(typer.get_app_dir("innkeeper"))
