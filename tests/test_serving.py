"""Starting, refusing to start, and stopping: one line and an exit code that scripts can rely on."""

import hashlib
import json
import signal
import socket
import subprocess
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from innkeeper.settings import SettingsError, load, split_address
from innkeeper.store.database import open_engine, sqlite_url
from innkeeper.store.migrations import migrate
from tests.servers import COMMAND, Node, environment, ok


def command(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], input=given, capture_output=True, text=True, check=False, env=environment()
    )


def serve(data: Path, *more: str) -> subprocess.CompletedProcess[str]:
    doors = ["--http", "127.0.0.1:0", "--sftp", "127.0.0.1:0"]
    return command("serve", "--data", str(data), *doors, *more)


def refused_with_one_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if line.startswith("innkeeper: ")]
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    return lines[0]


def test_a_new_site_prints_a_setup_link_that_works_once_and_stops_on_sigterm(tmp_path: Path) -> None:
    node = Node(tmp_path / "data").start()

    link = node.setup_link
    page = httpx.get(link)
    health = [
        httpx.get(node.http + path).status_code for path in ("/health/live", "/health/ready", "/metrics")
    ]

    assert page.status_code == 200
    assert httpx.get(link[:-3] + "xyz").status_code == 404
    assert health == [200, 200, 200]
    assert node.stop() == 0


def test_init_prints_one_object_and_refuses_a_second_time(tmp_path: Path) -> None:
    arguments = ("init", "--data", str(tmp_path / "d"), "--username", "ada", "--email", "ada@example.com")
    given = "correct horse battery\n"

    first = command(*arguments, "--password-stdin", "--api-key", given=given)
    second = command(*arguments, "--password-stdin", given=given)

    shown = json.loads(first.stdout)
    assert shown["user"]["username"] == "ada"
    assert shown["api_key"].startswith("ink_")
    assert "set up already" in refused_with_one_line(second)


@pytest.mark.parametrize(
    ("username", "password", "said"),
    [("a da", "correct horse battery", "username"), ("ada", "short", "password"), ("ada", "", "empty")],
)
def test_init_names_what_is_wrong(tmp_path: Path, username: str, password: str, said: str) -> None:
    done = command(
        *("init", "--data", str(tmp_path), "--username", username, "--password-stdin"), given=password + "\n"
    )

    assert said in refused_with_one_line(done)
    if password:
        assert password not in done.stderr


def test_a_taken_port_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"

        assert address in refused_with_one_line(serve(tmp_path / "a", "--http", address))
        assert address in refused_with_one_line(serve(tmp_path / "b", "--sftp", address))


def test_a_data_directory_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")

    assert "cannot be written" in refused_with_one_line(serve(tmp_path / "file" / "data"))


def test_a_newer_database_is_one_line(tmp_path: Path) -> None:
    engine = open_engine(sqlite_url(tmp_path))
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    assert "9999" in refused_with_one_line(serve(tmp_path))


def test_a_database_that_is_away_is_one_line(tmp_path: Path) -> None:
    done = serve(tmp_path, "--database-url", "postgresql://nobody@127.0.0.1:1/none")

    assert "database" in refused_with_one_line(done)


def test_a_second_server_on_the_same_directory_is_refused(tmp_path: Path) -> None:
    node = Node(tmp_path / "data").start()

    assert "another innkeeper" in refused_with_one_line(serve(tmp_path / "data"))
    assert node.stop() == 0


def test_bad_settings_name_the_setting(tmp_path: Path) -> None:
    assert "http" in refused_with_one_line(serve(tmp_path, "--http", "8080"))
    with pytest.raises(SettingsError, match="database_url"):
        load(database_url="mysql://x")


@pytest.mark.parametrize("address", ["8080", "127.0.0.1", "127.0.0.1:x", ":80", "127.0.0.1:99999"])
def test_an_address_is_host_and_port(address: str) -> None:
    with pytest.raises(ValueError, match="HOST:PORT"):
        split_address(address)


def test_flags_come_before_environment_before_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("innkeeper.toml").write_text('http = "127.0.0.1:1"\nsftp = "127.0.0.1:1"\nlog_level = "debug"\n')
    monkeypatch.setenv("INNKEEPER_HTTP", "127.0.0.1:2")
    monkeypatch.setenv("INNKEEPER_SFTP", "127.0.0.1:2")

    settings = load(http="127.0.0.1:3", sftp=None)

    assert (settings.http, settings.sftp, settings.log_level) == ("127.0.0.1:3", "127.0.0.1:2", "debug")


def test_what_was_answered_survives_a_power_cut(tmp_path: Path) -> None:
    node = Node(tmp_path / "data")
    key = node.init()
    node.start()
    with node.client(key) as api:
        names = {ok(api.post("/users", json={"username": f"u{n}"}))["username"] for n in range(20)}
    node.process.send_signal(signal.SIGKILL)
    node.process.wait()

    node.start()
    with node.client(key) as api:
        found = {user["username"] for user in ok(api.get("/users", params={"limit": 100}))["items"]}
    assert names <= found
    assert node.stop() == 0


def test_a_list_of_breached_passwords_that_is_none_is_told_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("password\n")
    given = environment() | {"INNKEEPER_BREACHED_PASSWORDS": str(tmp_path / "list.txt")}
    arguments = ["serve", "--data", str(tmp_path / "data"), "--http", "127.0.0.1:0", "--sftp", ""]

    done = subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, check=False, env=given, timeout=60
    )

    assert "breached_passwords: " in refused_with_one_line(done)
    assert "line 1: expected a SHA-1" in done.stderr


def test_the_first_administrator_has_no_breached_password(tmp_path: Path) -> None:
    digest = hashlib.sha1(b"correct horse battery").hexdigest().upper()
    (tmp_path / "list.txt").write_text(f"{digest}:7\n")
    given = environment() | {"INNKEEPER_BREACHED_PASSWORDS": str(tmp_path / "list.txt")}
    arguments = ["init", "--data", str(tmp_path / "data"), "--username", "ada", "--password-stdin"]

    done = subprocess.run(
        [*COMMAND, *arguments],
        input="correct horse battery\n",
        capture_output=True,
        text=True,
        check=False,
        env=given,
    )

    assert "never stolen elsewhere" in refused_with_one_line(done)
