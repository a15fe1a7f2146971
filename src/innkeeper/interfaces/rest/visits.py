"""A visit: one request on its way to one action, under the name of its API key."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Concatenate, ParamSpec, TypeVar

from fastapi import Depends, Header, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from innkeeper.actions import idempotency
from innkeeper.actions.actors import Caller
from innkeeper.actions.call import Call
from innkeeper.actions.calls import Calls
from innkeeper.actions.idempotency import Ticket
from innkeeper.actions.imports import ImportWork
from innkeeper.actions.kept_rooms import KeptRooms
from innkeeper.domain.errors import Unauthenticated
from innkeeper.domain.words import UserId
from innkeeper.kit.clock import Clock

P = ParamSpec("P")
T = TypeVar("T")
Action = Callable[Concatenate[Call, P], T]
BEARER = HTTPBearer(auto_error=False, scheme_name="bearer", description="An API key, like `ink_…`.")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)]


@dataclass(frozen=True, slots=True)
class Rest:
    """What every route shares: the way to the actions, and the clock by which a status is told."""

    calls: Calls
    clock: Clock
    imports: ImportWork | None
    rooms: KeptRooms | None


@dataclass(frozen=True, slots=True)
class Visit:
    """One request: who asks, and the way to the actions."""

    rest: Rest
    caller: Caller
    ticket: Ticket | None

    @property
    def now(self) -> datetime:
        return self.rest.clock()

    async def read(self, action: Action[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run an action that only reads."""
        return await self.rest.calls.read(self.caller, action, *args, **kwargs)

    async def write(self, action: Action[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run an action; the answer comes after its commit."""
        return await self.rest.calls.write(self.caller, action, *args, **kwargs)

    async def hashed(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values of a new user, with a password hashed away from the database's threads."""
        return await self.rest.calls.hashed(values)

    async def hashed_for(self, user_id: UserId, values: Mapping[str, Any]) -> dict[str, Any]:
        """The same for values of a user who is there; raises NotFound."""
        return await self.rest.calls.hashed_for(self.caller, user_id, values)

    async def once(
        self,
        picture: Callable[[T], Mapping[str, Any]],
        action: Action[P, T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Mapping[str, Any]:
        """Run an action that makes something; under an `Idempotency-Key` only once."""
        ticket = self.ticket
        if ticket is None:
            return picture(await self.write(action, *args, **kwargs))
        return await self.write(idempotency.once, ticket, lambda call: action(call, *args, **kwargs), picture)

    async def once_with_secret(
        self, id_of: Callable[[T], str], action: Action[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """The same for an answer that must not be kept: the second time is refused with the id."""
        ticket = self.ticket
        if ticket is None:
            return await self.write(action, *args, **kwargs)

        def act(call: Call) -> T:
            return idempotency.once_with_secret(
                call, ticket, lambda same: action(same, *args, **kwargs), id_of
            )

        return await self.write(act)


async def make_visit(request: Request, credentials: Credentials) -> Visit:
    """The visit of this request; raises Unauthenticated without a bearer token."""
    if credentials is None or not credentials.credentials.isascii():
        raise Unauthenticated
    address = request.client.host if request.client else ""
    client = request.headers.get("user-agent", "").replace("\x00", "")[:200]
    caller = Caller("api", address, client, api_key=credentials.credentials)
    return Visit(request.app.state.rest, caller, None)


Here = Annotated[Visit, Depends(make_visit)]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern="^[!-~]+$",
        description="Any text of yours. The same request under the same key has one effect within 24 hours.",
    ),
]


async def make_creating_visit(request: Request, visit: Here, key: IdempotencyKey = None) -> Visit:
    """The visit of a request that makes something, with its ticket when it has a key."""
    if key is None:
        return visit
    asked = f"{request.method} {request.url.path}\n".encode() + await request.body()
    return Visit(visit.rest, visit.caller, Ticket(key, hashlib.sha256(asked).hexdigest()))


Creating = Annotated[Visit, Depends(make_creating_visit)]
