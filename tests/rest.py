"""A real client of the REST interface, in this process: one for each of the cast."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI

from innkeeper.actions import api_keys
from innkeeper.actions.actors import Caller
from innkeeper.actions.call import Call
from innkeeper.actions.calls import Calls
from innkeeper.actions.connections import open_link
from innkeeper.actions.logins import begin, finish
from innkeeper.domain.logins import Proof
from innkeeper.domain.sessions import Connection
from innkeeper.domain.users import User
from innkeeper.domain.words import SshKeyId

STAGE = Caller("test", system_name="test")
ORIGIN = "http://innkeeper.test"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJk1kKT6qnVWwJmwC2nCJXQfYFD0nvzYMmQyL6xjYlPl bob@laptop"


def token_of(calls: Calls, user: User, *, is_read_only: bool = False) -> str:
    return calls.write_now(STAGE, api_keys.create, user.id, "test", is_read_only=is_read_only)[1]


@asynccontextmanager
async def client(app: FastAPI, token: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers) as opened:
        yield opened


def connect(call: Call, username: str, key_id: SshKeyId) -> Connection:
    attempt = begin(call, username)
    attempt.key_id = key_id
    attempt.show(Proof.PUBLIC_KEY, "public_key")
    signed_in = finish(call, attempt)
    assert signed_in is not None
    return open_link(call, signed_in.session, "node")
