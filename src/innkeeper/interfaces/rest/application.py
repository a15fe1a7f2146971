"""The REST interface as one ASGI application; it answers everything below `/api`."""

from fastapi import FastAPI
from fastapi.routing import APIRoute

from innkeeper.actions.calls import Calls
from innkeeper.actions.imports import ImportWork
from innkeeper.actions.kept_rooms import KeptRooms
from innkeeper.interfaces.rest import (
    admission,
    api_keys,
    connections,
    events,
    factors,
    file_uploads,
    files,
    folders,
    grants,
    groups,
    imports,
    mails,
    me,
    memberships,
    notifications,
    plans,
    sessions,
    settings,
    ssh_keys,
    user_factors,
    user_passwords,
    user_verbs,
    users,
)
from innkeeper.interfaces.rest.answers import PREFIX
from innkeeper.interfaces.rest.bodies import SizeLimit
from innkeeper.interfaces.rest.description import describe
from innkeeper.interfaces.rest.imports import LARGEST_FILE
from innkeeper.interfaces.rest.imports import PATH as IMPORTS
from innkeeper.interfaces.rest.problems import refusals, translate
from innkeeper.interfaces.rest.reader import add_reader
from innkeeper.interfaces.rest.visits import Rest
from innkeeper.kit.clock import Clock, utc_now
from innkeeper.kit.gate import Gate

# Where files come in.
ENDLESS = (f"{PREFIX}/files/content", f"{PREFIX}/uploads")
NOUNS = (
    me,
    users,
    user_passwords,
    user_verbs,
    admission,
    user_factors,
    groups,
    memberships,
    folders,
    files,
    file_uploads,
    grants,
    ssh_keys,
    api_keys,
    factors,
    sessions,
    connections,
    events,
    mails,
    notifications,
    imports,
    plans,
    settings,
)


def name_of(route: APIRoute) -> str:
    """The name of the function names the operation."""
    return route.name


def build(
    calls: Calls,
    *,
    imports: ImportWork | None = None,
    gate: Gate | None = None,
    rooms: KeptRooms | None = None,
    clock: Clock = utc_now,
) -> FastAPI:
    """Build the interface. `gate` counts wrong credentials per address; the doors may share it."""
    app = FastAPI(
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=name_of,
    )
    app.state.rest = Rest(calls, clock, imports, rooms)
    app.state.gate = gate or Gate()
    for noun in NOUNS:
        app.include_router(noun.router, prefix=PREFIX, responses=refusals(400, 401, 403, 413, 422, 429))
    app.add_middleware(SizeLimit, larger={IMPORTS: LARGEST_FILE}, endless=ENDLESS)
    translate(app)
    describe(app)
    add_reader(app)
    return app
