"""A whole server of ours against nginx and its dav module: curl and the same files, in turns, in one run.

Not part of `make bench`: nginx has to be installed by hand, since its package opens port 80 of the machine
(apt-get install nginx-light libnginx-mod-http-dav-ext). Both check a password with each request.
"""

import base64
import os
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers import Node, ok

BIG = 256
SMALL = 2000
ROUNDS = 3
TICKS = os.sysconf("SC_CLK_TCK")
PASSWORD = "staple tractor nine"
PROPFIND = ["-X", "PROPFIND", "-H", "Depth: 1"]
MODULES = "/usr/lib/nginx/modules/ngx_http_dav_ext_module.so"


@dataclass(frozen=True)
class Server:
    """One of the two; `files` is the directory that it serves at `url`."""

    name: str
    process: "subprocess.Popen[str]"
    url: str
    files: Path


@dataclass(frozen=True)
class Figures:
    """Seconds on the clock, and seconds of processor time that the server took."""

    took: float
    cpu: float


def run() -> list[tuple[str, float, str]]:
    """Rates of both servers with their ratios, and the ratio of their processor time."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder, ExitStack() as stack:
        work = Path(folder)
        _prepare(work / "local")
        servers = [stack.enter_context(ours(work)), stack.enter_context(nginx(work))]
        for server in servers:
            shutil.copy(work / "local" / "big", server.files / "big")
            shutil.copytree(work / "local" / "many", server.files / "many")
            if os.geteuid() == 0 and server.name == "nginx":
                subprocess.run(["chmod", "-R", "a+rwX", str(work)], check=True)
        return [row for test in TESTS for row in _compare(test, servers, work / "local")]


@contextmanager
def ours(work: Path) -> Iterator[Server]:
    """Everything that a site runs, with one user who may do everything."""
    node = Node(work / "data")
    api_key = node.init()
    node.start()
    try:
        with node.client(api_key) as api:
            ok(api.post("/users", json={"username": "bob", "password": PASSWORD, "grants": ["/:full"]}))
        yield Server("ours", node.process, f"{node.http}/dav", work / "data" / "files")
    finally:
        node.stop()


@contextmanager
def nginx(work: Path) -> Iterator[Server]:
    """One worker, with the password in the form that costs least."""
    program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    if program is None or not Path(MODULES).exists():
        raise SystemExit("this compares with nginx: apt-get install nginx-light libnginx-mod-http-dav-ext")
    files, port = work / "theirs", _free_port()
    files.mkdir()
    (work / "passwords").write_text(f"bob:{{PLAIN}}{PASSWORD}\n")
    config = work / "nginx.conf"
    config.write_text(_config(work, files, port))
    process = subprocess.Popen([program, "-c", str(config), "-e", str(work / "error.log")], text=True)
    try:
        _wait_for(port)
        yield Server("nginx", process, f"http://127.0.0.1:{port}", files)
    finally:
        process.terminate()
        process.wait()


def _config(work: Path, files: Path, port: int) -> str:
    return f"""
load_module {MODULES};
daemon off; worker_processes 1; pid {work}/nginx.pid; master_process off;
events {{ worker_connections 256; }}
http {{
  access_log off; client_max_body_size 0; client_body_temp_path {work}/body; sendfile on;
  auth_basic files; auth_basic_user_file {work}/passwords;
  server {{
    listen 127.0.0.1:{port}; root {files};
    dav_methods PUT DELETE MKCOL COPY MOVE; dav_ext_methods PROPFIND OPTIONS; create_full_put_path on;
  }}
}}
"""


def _prepare(local: Path) -> None:
    (local / "many").mkdir(parents=True)
    block = os.urandom(1024 * 1024)
    with (local / "big").open("wb") as file:
        for _ in range(BIG):
            file.write(block)
    for number in range(SMALL):
        (local / "many" / f"file{number}").write_bytes(block[:4096])
    lines = [f'url="URL/many/file{number}"\noutput="/dev/null"\n' for number in range(SMALL)]
    (local / "list").write_text("".join(lines))


TESTS: dict[str, Callable[[str], list[str]]] = {
    "get 1 big file": lambda url: ["-o", "/dev/null", f"{url}/big"],
    "put 1 big file": lambda url: ["-T", "big", "-H", "Expect:", f"{url}/up"],
    "list 2,000 files": lambda url: [*PROPFIND, "-o", "/dev/null", f"{url}/many/"],
    "get small files": lambda _: ["-K", "here"],
}


def _compare(test: str, servers: list[Server], local: Path) -> list[tuple[str, float, str]]:
    figures: dict[str, list[Figures]] = {server.name: [] for server in servers}
    for _ in range(ROUNDS):
        for server in servers:
            figures[server.name].append(_measure(test, server, local))
    took = {name: statistics.median(figure.took for figure in rounds) for name, rounds in figures.items()}
    cpu = {name: statistics.median(figure.cpu for figure in rounds) for name, rounds in figures.items()}
    ratio, cpu_ratio = took["nginx"] / took["ours"], cpu["ours"] / max(cpu["nginx"], 0.01)
    return [
        *((f"webdav: {test}, {name}", took[name], "s") for name in took),
        (f"webdav: {test}, rate against nginx", ratio, "ratio, more is better"),
        (f"webdav: {test}, CPU against nginx", cpu_ratio, "ratio, less is better"),
    ]


def _measure(test: str, server: Server, local: Path) -> Figures:
    (server.files / "up").unlink(missing_ok=True)
    (local / "here").write_text((local / "list").read_text().replace("URL", server.url))
    proof = base64.b64encode(f"bob:{PASSWORD}".encode()).decode()
    command = ["curl", "-sS", "-f", "-H", f"Authorization: Basic {proof}", *TESTS[test](server.url)]
    cpu_before, began = _cpu(server.process.pid), time.perf_counter()
    subprocess.run(command, check=True, cwd=local)
    return Figures(time.perf_counter() - began, _cpu(server.process.pid) - cpu_before)


def _cpu(process: int) -> float:
    """In seconds."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / TICKS


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise SystemExit("nginx did not start")


if __name__ == "__main__":
    for name, value, unit in run():
        print(f"{name}: {value:.2f} {unit}")
