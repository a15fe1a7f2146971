"""Guessing names and passwords at a real server: whoever guesses is kept out, and nobody else."""

import asyncio
from collections import Counter
from pathlib import Path

import asyncssh
import httpx
import pytest

from tests.servers import PASSWORD, Node, ok

GUESSES = 100
AT_ONCE = 10
# A gate bears ten failures; those that were under way when it closed are answered still.
MOST_ANSWERED = 10 + AT_ONCE
GUESSER, NEIGHBOUR = "127.0.0.1", "127.0.0.2"


async def sign_in(node: Node, address: str, username: str, password: str) -> None:
    """Log in at the SFTP door, coming from this address."""
    connection = await asyncssh.connect(
        "127.0.0.1",
        node.sftp_port,
        local_addr=(address, 0),
        username=username,
        password=password,
        preferred_auth="password",
        known_hosts=None,
        config=None,
        client_keys=None,
        agent_path=None,
    )
    async with connection, connection.start_sftp_client() as sftp:
        await sftp.realpath(".")


async def guess(node: Node, number: int, turn: asyncio.Semaphore) -> str:
    """How a guess ends; every fifth one has a name that exists."""
    async with turn:
        try:
            await sign_in(node, GUESSER, f"user{number}" if number % 5 else "bob", f"guess number {number}")
        except asyncssh.PermissionDenied:
            return "refused"
        except (asyncssh.Error, OSError):
            return "turned away"
    return "let in"


async def guess_all(node: Node) -> Counter[str]:
    turn = asyncio.Semaphore(AT_ONCE)
    return Counter(await asyncio.gather(*(guess(node, number, turn) for number in range(GUESSES))))


def refusals(api: httpx.Client) -> int:
    return len(ok(api.get("/events", params={"kind": "login.failed", "limit": 200}))["items"])


async def test_a_hundred_wrong_guesses_ban_their_address_alone(tmp_path: Path) -> None:
    node = Node(tmp_path / "data")
    key = node.init()
    node.start()
    with node.client(key) as api:
        for name in ("bob", "charlie"):
            ok(api.post("/users", json={"username": name, "password": PASSWORD, "grants": ["/:full"]}))
        await sign_in(node, GUESSER, "charlie", PASSWORD)

        ends = await guess_all(node)

        assert ends.keys() == {"refused", "turned away"}
        assert 9 <= ends["refused"] <= MOST_ANSWERED
        assert 9 <= refusals(api) <= MOST_ANSWERED
        await asyncio.sleep(2)  # by now the address would be free to connect, were it not banned
        with pytest.raises((asyncssh.ConnectionLost, OSError)):
            await sign_in(node, GUESSER, "charlie", PASSWORD)
        await sign_in(node, NEIGHBOUR, "charlie", PASSWORD)
        assert refusals(api) == ends["refused"]
    assert node.stop() == 0
