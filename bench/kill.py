"""From the answer of 'suspend' to the closed connection, with 100 SFTP connections open."""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import asyncssh
import httpx

from tests.servers import Node, ok

CONNECTIONS = 100


def run() -> list[tuple[str, float, str]]:
    with tempfile.TemporaryDirectory() as directory:
        node = Node(Path(directory) / "data")
        key = node.init()
        node.start()
        try:
            with node.client(key) as api:
                waits = asyncio.run(_measure(node, api))
        finally:
            node.stop()
    return [
        ("median", statistics.median(waits) * 1000, "ms, from the request to the closed connection"),
        ("95th percentile", sorted(waits)[int(len(waits) * 0.95)] * 1000, "ms"),
        ("worst", max(waits) * 1000, "ms"),
    ]


async def _measure(node: Node, api: httpx.Client) -> list[float]:
    key = asyncssh.generate_private_key("ssh-ed25519")
    public = key.export_public_key().decode()
    users = [
        ok(api.post("/users", json={"username": f"u{n}", "ssh_keys": [public]})) for n in range(CONNECTIONS)
    ]
    links = [await _connect(node, user["username"], key) for user in users]
    waits = []
    for user, link in zip(users, links, strict=True):
        started = time.perf_counter()
        await asyncio.to_thread(api.post, f"/users/{user['id']}/suspend", json={})
        await link.wait_closed()
        waits.append(time.perf_counter() - started)
    return waits


async def _connect(node: Node, username: str, key: asyncssh.SSHKey) -> asyncssh.SSHClientConnection:
    return await asyncssh.connect(
        "127.0.0.1",
        node.sftp_port,
        username=username,
        client_keys=[key],
        known_hosts=None,
        config=None,
        agent_path=None,
    )


if __name__ == "__main__":
    for row in run():
        print(row)
