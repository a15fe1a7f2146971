"""WebDAV as programs speak it: litmus, cadaver, rclone, curl, and the ways of Windows and macOS."""

import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.programs import need
from tests.servers import PASSWORD, ok
from tests.webdav_site import MARCH_FIRST, WIN32_TIMES, DavSite, dav_site, lock, token

BIG = 64 * 1024 * 1024


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DavSite]:
    with dav_site(tmp_path_factory.mktemp("webdav")) as site:
        yield site


def test_litmus_finds_nothing(site: DavSite, tmp_path: Path) -> None:
    done = site.run(need("litmus"), "-k", f"{site.url}/", "ada", PASSWORD, cwd=tmp_path)

    assert re.findall(r"(\d+) passed, 0 failed", done.stdout) == ["16", "13", "30", "41", "4"], done.stdout


def test_cadaver_puts_locks_moves_and_deletes(site: DavSite, tmp_path: Path) -> None:
    site.add("cadaver", password="nospaces-in-netrc-77")
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login cadaver password nospaces-in-netrc-77\n")
    (tmp_path / "here").write_text("content")
    commands = "mkcol caddir\nput here caddir/one\nlock caddir/one\ndiscover caddir/one\nunlock caddir/one\n"
    commands += (
        "move caddir/one caddir/two\ncopy caddir/two caddir/three\ndelete caddir/two\nls caddir\nquit\n"
    )

    done = subprocess.run(
        [need("cadaver"), f"{site.url}/"],
        input=commands,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin"},
        check=False,
    )

    assert "failed" not in done.stdout.lower(), done.stdout
    assert [path.name for path in (site.files / "caddir").iterdir()] == ["three"]


def test_rclone_syncs_and_keeps_times(site: DavSite, tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "deep").mkdir(parents=True)
    for number in range(10):
        (source / "deep" / f"Überschrift {number}").write_text(str(number))
    secret = site.run(need("rclone"), "obscure", PASSWORD).stdout.strip()
    remote = f":webdav,url='{site.url}',vendor=nextcloud,user=ada,pass={secret}:rclone"

    done = site.run("rclone", "--config", "/dev/null", "sync", str(source), remote)
    again = site.run("rclone", "--config", "/dev/null", "check", str(source), remote)

    assert 0 == done.returncode == again.returncode, done.stderr + again.stderr
    kept = site.files / "rclone" / "deep" / "Überschrift 3"
    assert int(kept.stat().st_mtime) == int((source / "deep" / "Überschrift 3").stat().st_mtime)


def test_curl_gets_ranges_and_is_told_what_has_not_changed(site: DavSite) -> None:
    with site.client() as ada:
        tag = ada.put("/ranged", content=b"0123456789").headers["etag"]
        last = ada.get("/ranged", headers={"Range": "bytes=-3"})
        changed = ada.get("/ranged", headers={"Range": "bytes=-3", "If-Range": '"other"'})
        behind = ada.get("/ranged", headers={"Range": "bytes=10-"})
        known = ada.get("/ranged", headers={"If-None-Match": tag})

    assert (
        last.status_code,
        last.content,
        last.headers["content-range"],
    ) == (206, b"789", "bytes 7-9/10")
    assert (changed.status_code, behind.status_code, known.status_code) == (200, 416, 304)


def test_uploads_obey_conditions_and_are_never_parts(site: DavSite) -> None:
    with site.client() as ada:
        first = ada.put("/conditional", content=b"one", headers={"If-None-Match": "*"})
        second = ada.put("/conditional", content=b"two", headers={"If-None-Match": "*"})
        third = ada.put("/conditional", content=b"two", headers={"If-Match": '"other"'})
        part = ada.put("/conditional", content=b"two", headers={"Content-Range": "bytes 0-2/10"})
        dated = ada.put("/conditional", content=b"two", headers={"X-OC-Mtime": str(MARCH_FIRST)})

    codes = [answer.status_code for answer in (first, second, third, part, dated)]
    assert codes == [201, 412, 412, 400, 204]
    assert int((site.files / "conditional").stat().st_mtime) == MARCH_FIRST


def test_curl_waits_for_continue_and_uploads(site: DavSite, tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"x" * 3_000_000)
    curl = [need("curl"), "-sS", "-v", "-u", f"ada:{PASSWORD}", "-H", "Expect: 100-continue"]

    done = site.run(*curl, "-T", str(tmp_path / "big"), f"{site.url}/expected")

    assert "100 Continue" in done.stderr
    assert (site.files / "expected").stat().st_size == 3_000_000


def test_windows_saves_a_file(site: DavSite) -> None:
    with site.client() as ada:
        agent = {"User-Agent": "Microsoft-WebDAV-MiniRedir/10.0.19045", "translate": "f"}
        options = ada.request("OPTIONS", "/", headers=agent)
        absent = ada.request("PROPFIND", "/Neu.docx", headers={**agent, "Depth": "0"})
        empty = ada.put("/Neu.docx", content=b"", headers=agent)
        held = token(lock(ada, "/Neu.docx", Timeout="Second-3600", **agent))
        shown = {**agent, "If": f"({held})"}
        filled = ada.put("/Neu.docx", content=b"words", headers=shown)
        times = ada.request("PROPPATCH", "/Neu.docx", content=WIN32_TIMES, headers=shown)
        gone = ada.request("UNLOCK", "/Neu.docx", headers={**agent, "Lock-Token": held})

    assert (options.headers["dav"], options.headers["ms-author-via"]) == ("1, 2", "DAV")
    codes = [answer.status_code for answer in (absent, empty, filled, times, gone)]
    assert codes == [404, 201, 204, 207, 204]
    assert "HTTP/1.1 200 OK" in times.text and "xmlns:D=" in times.text
    assert int((site.files / "Neu.docx").stat().st_mtime) == MARCH_FIRST


def test_macos_makes_a_file_by_locking_it(site: DavSite) -> None:
    with site.client() as ada:
        held = token(lock(ada, "/._notes.txt", Depth="0"))
        is_empty = (site.files / "._notes.txt").stat().st_size == 0
        bare = ada.put("/._notes.txt", content=b"x")
        filled = ada.put("/._notes.txt", content=b"x", headers={"If": f"({held})"})
        seen = ada.request("PROPFIND", "/._notes.txt", headers={"Depth": "0"})
        renewed = ada.request("LOCK", "/._notes.txt", headers={"If": f"({held})", "Timeout": "Second-60"})

    assert is_empty
    assert (bare.status_code, filled.status_code, renewed.status_code) == (423, 204, 200)
    assert held.strip("<>") in seen.text and "someone" in seen.text


def test_an_upload_that_is_cut_leaves_the_old_file(site: DavSite, tmp_path: Path) -> None:
    user = site.add("cutup")
    with site.client("cutup") as cutup:
        cutup.put("/kept", content=b"old")
    (tmp_path / "big").write_bytes(b"x" * BIG)
    curl = [need("curl"), "-sS", "-u", f"cutup:{PASSWORD}", "--limit-rate", "1M"]
    with subprocess.Popen(
        [*curl, "-T", str(tmp_path / "big"), f"{site.url}/kept"], stderr=subprocess.PIPE
    ) as running:
        _wait_for_bytes(site.files / ".innkeeper-uploads", "*")
        ok(site.api.post(f"/users/{user}/suspend"))
        running.communicate(timeout=10)

    assert (site.files / "kept").read_bytes() == b"old"


def test_a_download_that_is_cut_is_broken_for_the_client(site: DavSite, tmp_path: Path) -> None:
    user = site.add("cutdown")
    (site.files / "large").write_bytes(b"x" * BIG)
    curl = [
        need("curl"),
        "-sS",
        "-u",
        f"cutdown:{PASSWORD}",
        "--limit-rate",
        "1M",
        "-o",
        str(tmp_path / "got"),
    ]
    with subprocess.Popen([*curl, f"{site.url}/large"], stderr=subprocess.PIPE) as running:
        _wait_for_bytes(tmp_path, "got")
        ok(site.api.post(f"/users/{user}/suspend"))
        running.communicate(timeout=30)

    assert running.returncode == 18
    with site.client("cutdown") as client:
        assert client.get("/large").status_code == 401


def test_many_requests_are_one_sign_in(site: DavSite) -> None:
    user = site.add("often")
    with site.client("often") as often:
        codes = {often.request("PROPFIND", "/", headers={"Depth": "0"}).status_code for _ in range(20)}

    assert {207} == codes
    log = ok(site.api.get("/events", params={"user_id": user, "kind": "login.succeeded"}))["items"]
    assert len(log) == 1


def _wait_for_bytes(folder: Path, pattern: str) -> None:
    until = time.monotonic() + 20
    while not any(path.stat().st_size for path in folder.rglob(pattern)):
        assert time.monotonic() < until, "no transfer began"
        time.sleep(0.05)
