"""Ten thousand idle SFTP connections in one process: memory for each, and how soon one of them is ended."""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import asyncssh
import httpx

from tests.servers import Node, ok

CONNECTIONS = 10_000
USERS = 250
AT_ONCE = 16
STOPPED = 50
# One address may not knock without end, so they come from many.
PER_ADDRESS = 50


def run() -> list[tuple[str, float, str]]:
    with tempfile.TemporaryDirectory() as directory:
        node = Node(Path(directory) / "data")
        key = node.init()
        node.start()
        try:
            with node.client(key) as api:
                return asyncio.run(_measure(node, api))
        finally:
            node.stop()


async def _measure(node: Node, api: httpx.Client) -> list[tuple[str, float, str]]:
    key = asyncssh.generate_private_key("ssh-ed25519")
    public = key.export_public_key().decode()
    users = [ok(api.post("/users", json={"username": f"u{n}", "ssh_keys": [public]})) for n in range(USERS)]
    before = _memory(node)
    began = time.perf_counter()
    links = await _connect_all(node, key)
    took = time.perf_counter() - began
    each = (_memory(node) - before) / CONNECTIONS
    waits = [await _stop(api, users[number], links[number::USERS]) for number in range(STOPPED)]
    for link in links:
        link.abort()
    return [
        ("connections", len(links), ""),
        ("memory of the server, each", each / 1024, "KiB"),
        ("log-ins a second, from this machine", CONNECTIONS / took, ""),
        (
            f"one user's {CONNECTIONS // USERS} connections ended, median",
            statistics.median(waits),
            "ms, at most 1000",
        ),
        ("the same, worst", max(waits), "ms, at most 2000"),
    ]


async def _connect_all(node: Node, key: asyncssh.SSHKey) -> list[asyncssh.SSHClientConnection]:
    turn = asyncio.Semaphore(AT_ONCE)

    async def connect(number: int) -> asyncssh.SSHClientConnection:
        async with turn:
            return await asyncssh.connect(
                "127.0.0.1",
                node.sftp_port,
                local_addr=(f"127.1.{number // PER_ADDRESS // 250}.{number // PER_ADDRESS % 250 + 1}", 0),
                username=f"u{number % USERS}",
                client_keys=[key],
                known_hosts=None,
                config=None,
                agent_path=None,
                kex_algs=["curve25519-sha256"],
                keepalive_interval=0,
            )

    return list(await asyncio.gather(*map(connect, range(CONNECTIONS))))


async def _stop(api: httpx.Client, user: dict[str, str], links: list[asyncssh.SSHClientConnection]) -> float:
    """Milliseconds from the request to the end of the last connection."""
    began = time.perf_counter()
    await asyncio.to_thread(api.post, f"/users/{user['id']}/suspend", json={})
    await asyncio.gather(*(link.wait_closed() for link in links))
    return (time.perf_counter() - began) * 1000


def _memory(node: Node) -> int:
    """Resident bytes."""
    status = Path(f"/proc/{node.process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    for row in run():
        print(row)
