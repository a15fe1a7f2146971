"""`innkeeper login` from the code to the last command, and programs that renew one login at the same time."""

import asyncio
import json
import re
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from innkeeper_client import (
    AsyncClient,
    CannotConnect,
    Client,
    InnkeeperError,
    KeptLogin,
    LoginRefused,
    Tokens,
    Unauthenticated,
)
from innkeeper_client.desktop_auth import tokens_in
from innkeeper_client.logins import GRANT_TYPE
from tests.postgresql import Server, free_port
from tests.servers import COMMAND, PASSWORD, Node, environment, ok

Run = Callable[..., "subprocess.CompletedProcess[str]"]
RENEW = """
import sys
from pathlib import Path
from innkeeper_client import Client, KeptLogin
server, path, times = sys.argv[1:]
for _ in range(int(times)):
    with Client(server=server, login=KeptLogin(Path(path))) as client:
        print(client.me.get().username)
"""


class Site:
    """A served site, Ada's browser and her key, and a home directory for the commands."""

    def __init__(self, node: Node, key: str, home: Path) -> None:
        self.node = node
        self.api = node.client(key)
        self.key = key
        self.home = home

    def run(self, *arguments: str, **other: str) -> "subprocess.CompletedProcess[str]":
        process = self.start(*arguments, **other)
        output, errors = process.communicate(timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    def start(self, *arguments: str, **other: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [*COMMAND, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**environment(), "XDG_CONFIG_HOME": str(self.home), **other},
        )

    @contextmanager
    def browser(self) -> Iterator[httpx.Client]:
        """Ada, signed in at the console."""
        with httpx.Client(base_url=self.node.http, headers={"Sec-Fetch-Site": "same-origin"}) as pages:
            answer = pages.post("/sign-in", data={"username": "ada", "password": PASSWORD})
            assert answer.status_code == 303, answer.text
            yield pages

    def kept(self) -> KeptLogin:
        found = [path for path in (self.home / "innkeeper" / "logins").iterdir() if path.suffix == ".json"]
        assert len(found) == 1
        return KeptLogin(found[0])


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def node(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Node, str]]:
    url = ""
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("postgresql_server")
        url = server.new_database()
    node = Node(tmp_path_factory.mktemp("login") / "data", database_url=url)
    key = node.init()
    yield node.start(), key
    assert node.stop() == 0


@pytest.fixture
def site(node: tuple[Node, str], tmp_path: Path) -> Iterator[Site]:
    site = Site(*node, tmp_path / "home")
    yield site
    me = ok(site.api.get("/me"))["id"]
    ok(site.api.delete(f"/users/{me}/sessions"))
    site.api.close()


def code_in(process: "subprocess.Popen[str]") -> str:
    """The code that the command shows."""
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(r"the code ([A-Z]{4}-[A-Z]{4})", line):
            return found[1]
    raise AssertionError("no code was shown")


def answer(site: Site, code: str, verb: str) -> None:
    with site.browser() as pages:
        shown = pages.get("/device", params={"user_code": code})
        assert "innkeeper on" in shown.text
        assert pages.post(f"/device/{verb}", data={"user_code": code}).status_code == 303


def log_in(site: Site) -> None:
    """By the command, which asks every five seconds."""
    process = site.start("login", "--server", site.node.http)
    answer(site, code_in(process), "approve")
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert f"Signed in to {site.node.http} as ada." in output


def logged_in(site: Site) -> KeptLogin:
    """The same without the command, at once."""
    kept = KeptLogin(site.home / "innkeeper" / "logins" / f"{quote(site.node.http, safe='')}.json")
    with Client(server=site.node.http) as client, httpx.Client(base_url=site.node.http) as plain:
        code = client.logins.begin("innkeeper on test")
        answer(site, code.user_code, "approve")
        form = {"grant_type": GRANT_TYPE, "device_code": code.device_code, "client_id": code.client_name}
        kept.keep(tokens_in(plain.post("/oauth/token", data=form)))
    (site.home / "innkeeper" / "server").write_text(site.node.http)
    return kept


def desktops(site: Site) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ok(site.api.get("/sessions", params={"interface": "desktop"}))["items"]
    return found


def age(kept: KeptLogin) -> None:
    """As if the access token had run out."""
    tokens = kept.load()
    kept.keep(Tokens("inkd_worn_out", tokens.refresh_token, datetime.now(UTC) - timedelta(minutes=1)))


def test_from_the_code_to_the_last_command(site: Site) -> None:
    before = site.run("whoami", INNKEEPER_SERVER=site.node.http)
    log_in(site)
    mine = site.run("--output", "json", "whoami")
    listed = site.run("sessions", "list", "--interface", "desktop")
    kept = site.kept()
    modes = tuple(stat.S_IMODE(path.stat().st_mode) for path in (kept.path, kept.path.parent))
    connections = desktops(site)
    by_key = site.run("whoami", INNKEEPER_API_KEY="ink_wrong")
    out = site.run("logout")
    after = site.run("whoami")

    assert (before.returncode, "not signed in" in before.stderr) == (1, True)
    assert json.loads(mine.stdout)["username"] == "ada"
    assert "innkeeper on" in listed.stdout
    assert len(connections) == 1
    assert modes == (0o600, 0o700)
    assert (by_key.returncode, out.returncode, after.returncode) == (1, 0, 1)
    assert not kept.exists()
    assert desktops(site) == []


def test_a_no_in_the_browser_is_one_line_and_keeps_nothing(site: Site) -> None:
    process = site.start("login", "--server", site.node.http)
    answer(site, code_in(process), "deny")
    process.wait(timeout=60)

    assert process.returncode == 1
    assert process.stderr is not None
    assert "the user said no" in process.stderr.read()
    assert not list(site.home.rglob("*.json"))


def test_logging_in_again_ends_the_login_before(site: Site) -> None:
    logged_in(site)
    first = desktops(site)[0]["id"]
    log_in(site)

    assert [session["id"] for session in desktops(site)] != [first]
    assert len(desktops(site)) == 1


def test_an_ended_connection_says_to_sign_in_again(site: Site) -> None:
    logged_in(site)
    ok(site.api.delete(f"/sessions/{desktops(site)[0]['id']}"))

    process = site.run("whoami")

    assert process.returncode == 1
    assert "sign in again" in process.stderr
    assert site.run("logout").returncode == 0


def test_signing_out_of_a_server_that_is_away_forgets_all_the_same(site: Site) -> None:
    away = f"http://127.0.0.1:{free_port()}"
    kept = logged_in(site)
    other = kept.path.with_name(f"{away.replace(':', '%3A').replace('/', '%2F')}.json")
    kept.path.rename(other)

    process = site.run("logout", "--server", away)

    assert process.returncode == 1
    assert "could not be told" in process.stderr
    assert not other.exists()


def test_a_worn_out_token_is_renewed_on_the_way(site: Site) -> None:
    kept = logged_in(site)
    seen = {kept.load().refresh_token}
    for _ in range(3):
        age(kept)
        assert site.run("whoami").returncode == 0
        seen.add(kept.load().refresh_token)
    # Not known to be too old, yet refused by the server.
    kept.keep(Tokens("inkd_worn_out", kept.load().refresh_token, datetime.now(UTC) + timedelta(hours=1)))
    assert site.run("whoami").returncode == 0

    assert len(seen) == 4


def test_two_processes_that_renew_at_once_do_not_trip_over_each_other(site: Site) -> None:
    kept = logged_in(site)
    for _ in range(4):
        age(kept)
        command = [sys.executable, "-c", RENEW, site.node.http, str(kept.path), "5"]
        processes = [
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(3)
        ]
        for process in processes:
            output, errors = process.communicate(timeout=60)
            assert output == "ada\n" * 5, errors

    assert len(desktops(site)) == 1
    events = ok(site.api.get("/events", params={"kind": "desktop.token_reused"}))["items"]
    assert events == []


def test_threads_and_tasks_share_one_login(site: Site) -> None:
    kept = logged_in(site)

    def renew(_: int) -> str:
        with Client(server=site.node.http, login=kept) as client:
            return client.me.get().username

    async def renew_many() -> list[str]:
        async with AsyncClient(server=site.node.http, login=kept) as client:
            users = await asyncio.gather(*(client.me.get() for _ in range(8)))
        return [user.username for user in users]

    age(kept)
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(renew, range(8))) == ["ada"] * 8
    age(kept)
    assert asyncio.run(renew_many()) == ["ada"] * 8
    assert len(desktops(site)) == 1


def test_without_the_lock_the_second_of_two_would_end_it(site: Site) -> None:
    """What the lock is for: one refresh token, sent again after the grace is over for it."""
    spent = logged_in(site).load()
    token = {"grant_type": "refresh_token", "refresh_token": spent.refresh_token}
    pages = httpx.Client(base_url=site.node.http)
    first = pages.post("/oauth/token", data=token).json()
    pages.post("/oauth/token", data={**token, "refresh_token": first["refresh_token"]})

    again = pages.post("/oauth/token", data=token)

    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert desktops(site) == []
    pages.close()


def test_a_program_lets_itself_in_by_the_client(site: Site) -> None:
    with Client(server=site.node.http) as client:
        code = client.logins.begin("Acme sync (test)")
        approve = threading.Timer(0.2, lambda: answer_plainly(site, code.user_code, "approve"))
        approve.start()
        tokens = client.logins.wait(code)
        approve.join()
        with pytest.raises(InnkeeperError, match="name of 1 to 80"):
            client.logins.begin("‮")
        client.logins.end(tokens)

    assert desktops(site) == []
    with pytest.raises(Unauthenticated):
        KeptLogin(site.home / "nothing.json").load()
    with Client(server=f"http://127.0.0.1:{free_port()}") as client, pytest.raises(CannotConnect):
        client.logins.begin("x")


async def test_an_awaiting_program_hears_a_no(site: Site) -> None:
    async with AsyncClient(server=site.node.http) as client:
        code = await client.logins.begin("Acme sync")
        waiting = asyncio.create_task(client.logins.wait(code))
        await asyncio.to_thread(answer_plainly, site, code.user_code, "deny")
        with pytest.raises(LoginRefused):
            await waiting


def answer_plainly(site: Site, code: str, verb: str) -> None:
    with site.browser() as pages:
        assert pages.post(f"/device/{verb}", data={"user_code": code}).status_code == 303


def test_a_broken_file_is_no_login(tmp_path: Path) -> None:
    path = tmp_path / "login.json"
    for text in ("", "[]", "{}", '{"access_token": 1}', "\x00"):
        path.write_text(text)
        with pytest.raises(Unauthenticated, match="sign in again"):
            KeptLogin(path).load()


def test_the_lock_is_free_when_its_holder_dies(tmp_path: Path) -> None:
    kept = KeptLogin(tmp_path / "login.json")
    hold = "import sys,time;from pathlib import Path;from innkeeper_client import KeptLogin\n"
    hold += "with KeptLogin(Path(sys.argv[1])).lock(): print('held', flush=True); time.sleep(60)"
    holder = subprocess.Popen([sys.executable, "-c", hold, str(kept.path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"

    began = time.monotonic()
    threading.Timer(0.3, holder.kill).start()
    with kept.lock():
        waited = time.monotonic() - began

    assert waited >= 0.3
    holder.wait()
