"""WebDAV's own rules: who may do what, locks between people, and requests that mean harm."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.postgresql import Server
from tests.servers import PASSWORD, ok
from tests.webdav_site import DavSite, dav_site, lock, token

BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaa">]><D:propfind xmlns:D="DAV:"><D:prop><D:a>&a;</D:a></D:prop></D:propfind>'
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DavSite]:
    url = ""
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("postgresql_server")
        url = server.new_database()
    with dav_site(tmp_path_factory.mktemp("webdav"), url) as site:
        for name in ("bob", "charlie"):
            site.add(name)
        yield site


def test_a_lock_holds_against_everyone_else(site: DavSite) -> None:
    with site.client("bob") as bob, site.client("charlie") as charlie:
        bob.put("/locked", content=b"bob's")
        held = token(lock(bob, "/locked"))
        stolen = {"If": f"({held})"}
        refused = [
            charlie.put("/locked", content=b"no"),
            charlie.put("/locked", content=b"no", headers=stolen),
            charlie.delete("/locked", headers=stolen),
            charlie.request("MOVE", "/locked", headers={"Destination": f"{site.url}/other", **stolen}),
            lock(charlie, "/locked"),
        ]
        kept = charlie.request("UNLOCK", "/locked", headers={"Lock-Token": held})
        written = bob.put("/locked", content=b"more", headers={"If": f"({held})"})
        freed = bob.request("UNLOCK", "/locked", headers={"Lock-Token": held})
        after = charlie.put("/locked", content=b"charlie's")

    assert {answer.status_code for answer in refused} == {423}
    codes = [answer.status_code for answer in (kept, written, freed, after)]
    assert codes == [403, 204, 204, 204]


def test_properties_follow_their_file(site: DavSite) -> None:
    red = '<D:set><D:prop><c xmlns="urn:x">red</c></D:prop></D:set>'
    body = f'<D:propertyupdate xmlns:D="DAV:">{red}</D:propertyupdate>'
    ask = '<D:propfind xmlns:D="DAV:"><D:prop><c xmlns="urn:x"/></D:prop></D:propfind>'
    with site.client("bob") as bob:
        bob.put("/noted", content=b"")
        bob.request("PROPPATCH", "/noted", content=body)
        bob.request("MOVE", "/noted", headers={"Destination": f"{site.url}/moved"})
        bob.request("COPY", "/moved", headers={"Destination": f"{site.url}/copied"})
        bob.delete("/moved")
        bob.put("/moved", content=b"")
        texts = [
            bob.request("PROPFIND", path, content=ask, headers={"Depth": "0"}).text
            for path in ("/copied", "/moved")
        ]

    assert ["red" in text for text in texts] == [True, False]


def test_levels_are_those_of_every_door(site: DavSite) -> None:
    site.add("reader", "read", "/shelf")
    with site.client("bob") as bob:
        bob.request("MKCOL", "/shelf")
        bob.put("/shelf/book", content=b"text")
        bob.put("/secret", content=b"text")
    with site.client("reader") as reader:
        seen = reader.get("/shelf/book").status_code
        hidden = [reader.get("/secret").status_code, reader.get("/absent").status_code]
        refused = [
            reader.put("/shelf/book", content=b"x").status_code,
            reader.delete("/shelf/book").status_code,
            lock(reader, "/shelf/book").status_code,
            reader.request("MKCOL", "/shelf/new").status_code,
        ]

    assert (seen, hidden, refused) == (200, [404, 404], [403] * 4)


def test_a_read_only_key_reads(site: DavSite) -> None:
    me = ok(site.api.get("/me"))["id"]
    key = ok(site.api.post("/api-keys", json={"user_id": me, "name": "reads", "is_read_only": True}))["token"]
    with site.client("ada", key) as ada, site.client("bob") as bob:
        bob.put("/for-keys", content=b"text")
        codes = [ada.get("/for-keys").status_code, ada.put("/for-keys", content=b"x").status_code]

    assert codes == [200, 403]


def test_nobody_comes_in_without_a_password(site: DavSite) -> None:
    bare = httpx.request("PROPFIND", f"{site.url}/")
    wrong = httpx.request("PROPFIND", f"{site.url}/", auth=("bob", "wrong"))

    assert (bare.status_code, wrong.status_code) == (401, 401)
    assert bare.headers["www-authenticate"] == 'Basic realm="Innkeeper", charset="UTF-8"'


def test_what_means_harm_is_refused(site: DavSite) -> None:
    with site.client("bob") as bob:
        bomb = bob.request("PROPFIND", "/", content=BOMB, headers={"Depth": "0"})
        huge = bob.request("PROPFIND", "/", content=b" " * (2 << 20), headers={"Depth": "0"})
        whole = bob.request("PROPFIND", "/", headers={"Depth": "infinity"})
        condition = bob.put("/x", content=b"", headers={"If": "(<a>"})
        elsewhere = bob.request("COPY", "/locked", headers={"Destination": "http://example.com/dav/x"})

    codes = [answer.status_code for answer in (bomb, huge, whole, condition, elsewhere)]
    assert codes == [400, 413, 403, 400, 502]
    assert "propfind-finite-depth" in whole.text


@pytest.mark.parametrize(
    ("target", "codes"),
    [
        ("/dav/%2e%2e/%2e%2e/etc/passwd", {404}),
        ("/dav/..%2f..%2fetc%2fpasswd", {404}),
        ("/dav/a%00b", {400}),
        ("/dav/%ff", {400}),
        ("/dav/" + "a/" * 10_000, {400, 414}),
        ("/dav/" + "n" * 60_000, {400, 414}),
        ("/dav/" + "n" * 300, {400}),
    ],
)
def test_addresses_stay_in_the_root(site: DavSite, target: str, codes: set[int]) -> None:
    host, port = site.node.http.removeprefix("http://").split(":")
    credentials = httpx.BasicAuth("bob", PASSWORD)._auth_header
    request = (
        f"GET {target} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {credentials}\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(request.encode())
        answer = line.makefile("rb").readline()

    assert int(answer.split()[1]) in codes


def test_uploads_to_one_name_never_mix(site: DavSite) -> None:
    def put(letter: bytes) -> int:
        with site.client("bob") as bob:
            return bob.put("/contested", content=letter * 2_000_000).status_code

    with ThreadPoolExecutor(4) as threads:
        codes = set(threads.map(put, [b"a", b"b", b"c", b"d"]))

    content = (site.files / "contested").read_bytes()
    assert codes <= {201, 204}
    assert content in [letter * 2_000_000 for letter in (b"a", b"b", b"c", b"d")]


def test_a_browser_is_sent_to_the_console(site: DavSite) -> None:
    with site.client("bob") as bob:
        answer = bob.get("/", headers={"Accept": "text/html"})

    assert (answer.status_code, answer.headers["location"]) == (302, "/files?path=/")
