"""Runs a site until a signal, and sets up a new one."""

import asyncio
import gc
import resource
import signal
import sys
from collections.abc import Mapping
from typing import Any

from innkeeper.actions import api_keys, setup
from innkeeper.actions.actors import Caller
from innkeeper.actions.call import Call
from innkeeper.actions.calls import Calls
from innkeeper.assembly.opening import make_directories, open_database, open_hasher, open_vault
from innkeeper.assembly.site import Site
from innkeeper.domain.errors import NotNow
from innkeeper.domain.users import User
from innkeeper.kit import logs
from innkeeper.kit.clock import utc_now
from innkeeper.settings import Settings
from innkeeper.store.database import sqlite_url

INIT = Caller("cli", system_name="init")


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; raises CannotStart."""
    import uvloop

    logs.configure(settings.log_level, as_json=settings.log_json)
    _raise_limit_of_files()
    uvloop.run(_serve(settings))


def _raise_limit_of_files() -> None:
    """Each connection and each open file counts, and most shells allow no more than 1,024 of them."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def initialize(settings: Settings, values: Mapping[str, Any], *, with_api_key: bool) -> dict[str, Any]:
    """Make the first administrator, and an API key if asked for; raises Refused or CannotStart."""
    database = open_database(settings)
    calls = Calls(database, open_hasher(settings), open_vault(settings))
    try:
        values = asyncio.run(calls.hashed(values))
        user, token = calls.write_now(INIT, _first_administrator, values, with_api_key=with_api_key)
    finally:
        calls.hasher.close()
        database.close()
    shown = {"id": user.id, "username": user.username, "name": user.name, "email": user.email}
    return {"user": shown, **({"api_key": token} if token else {})}


def show_demo(settings: Settings) -> None:
    """Fill the site with the demo if it is empty, and print how to sign in, once; raises CannotStart."""
    # Its cast and papers would slow every other start.
    from innkeeper.demo import fill

    make_directories(settings.data)
    url = settings.database_url or sqlite_url(settings.data)
    try:
        accounts = fill(url, settings.data, utc_now(), open_vault(settings))
    except NotNow:
        sys.stdout.write("The demo was filled before; its passwords were shown then.\n")
        return
    sys.stdout.write(
        f"Sign in as {accounts.administrator} with {accounts.administrator_password}\n"
        f"or as {accounts.user} with {accounts.user_password} (shown this once)\n"
    )
    sys.stdout.flush()


async def _serve(settings: Settings) -> None:
    site = Site(settings)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    try:
        await site.start(_say)
        gc.freeze()
        gc.enable()
        gc.freeze()
        await stopping.wait()
    finally:
        await site.stop()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _first_administrator(
    call: Call, values: Mapping[str, Any], *, with_api_key: bool
) -> tuple[User, str | None]:
    user = setup.first_administrator(call, values, {})
    if not with_api_key:
        return user, None
    _, token = api_keys.create(call, user.id, "made by init")
    return user, token
