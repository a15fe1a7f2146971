"""A whole server of ours against nginx and its dav module: curl and the same files, in turns, in one run.

Not part of `make bench`: nginx has to be installed by hand, since its package opens port 80 of the machine
(apt-get install nginx-light libnginx-mod-http-dav-ext). Both check a password with each request.
"""

import base64
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.side_by_side import BIG, Figures, compare, free_port, make_files, measured, stock, wait_for
from tests.servers import Node, ok

SMALL = 2000
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


def run() -> list[tuple[str, float, str]]:
    """Rates of both servers with their ratios, and the ratio of their processor time."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder, ExitStack() as stack:
        work = Path(folder)
        work.chmod(0o755)
        make_files(work / "local", SMALL)
        lines = [f'url="URL/many/file{number}"\noutput="/dev/null"\n' for number in range(SMALL)]
        (work / "local" / "list").write_text("".join(lines))
        servers = [stack.enter_context(ours(work)), stack.enter_context(nginx(work))]
        for server in servers:
            stock(server, work / "local")
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
    files, port = work / "theirs", free_port()
    files.mkdir()
    (work / "passwords").write_text(f"bob:{{PLAIN}}{PASSWORD}\n")
    config = work / "nginx.conf"
    config.write_text(_config(work, files, port))
    process = subprocess.Popen([program, "-c", str(config), "-e", str(work / "error.log")], text=True)
    try:
        wait_for(port)
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


TESTS: dict[str, Callable[[str], list[str]]] = {
    "get 1 big file": lambda url: ["-o", "/dev/null", f"{url}/big"],
    "put 1 big file": lambda url: ["-T", "big", "-H", "Expect:", f"{url}/up"],
    "list 2,000 files": lambda url: [*PROPFIND, "-o", "/dev/null", f"{url}/many/"],
    "get small files": lambda _: ["-K", "here"],
}


def _compare(test: str, servers: list[Server], local: Path) -> list[tuple[str, float, str]]:
    amount, unit = (BIG, "MiB/s") if "big" in test else (SMALL, "files/s")
    return compare(f"webdav: {test}", servers, amount, unit, lambda server: _measure(test, server, local))


def _measure(test: str, server: Server, local: Path) -> Figures:
    (server.files / "up").unlink(missing_ok=True)
    (local / "here").write_text((local / "list").read_text().replace("URL", server.url))
    proof = base64.b64encode(f"bob:{PASSWORD}".encode()).decode()
    command = ["curl", "-sS", "-f", "-H", f"Authorization: Basic {proof}", *TESTS[test](server.url)]
    return measured(server.process.pid, lambda: subprocess.run(command, check=True, cwd=local))


if __name__ == "__main__":
    for name, value, unit in run():
        print(f"{name}: {value:.2f} {unit}")
