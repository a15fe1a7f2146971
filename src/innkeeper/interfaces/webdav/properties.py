"""PROPFIND and PROPPATCH (RFC 4918, sections 9.1 and 9.2)."""

import time
from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass
from mimetypes import guess_type
from os import stat_result
from xml.etree.ElementTree import Element

from starlette.responses import Response

from innkeeper.actions import dav
from innkeeper.actions.files import shown
from innkeeper.domain import paths
from innkeeper.domain.dav import DavLock
from innkeeper.files.answers import RoomStream
from innkeeper.files.handles import Listing
from innkeeper.files.room import Room
from innkeeper.interfaces.webdav import locks, xml
from innkeeper.interfaces.webdav.addresses import href
from innkeeper.interfaces.webdav.visits import XML_TYPE, Answer, Visit, answer_xml, is_folder
from innkeeper.interfaces.webdav.xml import DAV
from innkeeper.kit.http_ranges import etag, http_date, parse_date
from innkeeper.kit.threads import in_thread

_AT_ONCE = 200
_OPENING = f'{xml.HEAD}<D:multistatus xmlns:D="DAV:">'
_CLOSING = "</D:multistatus>"
_COMPUTED = frozenset(
    DAV + name
    for name in (
        "creationdate",
        "getcontentlength",
        "getcontenttype",
        "getetag",
        "lockdiscovery",
        "resourcetype",
        "supportedlock",
    )
)
_WIN32 = "{urn:schemas-microsoft-com:}"
_TIMES = frozenset({f"{DAV}getlastmodified", f"{_WIN32}Win32LastModifiedTime"})
# Windows sets these with every file and complains when it may not; nothing here keeps them.
_IGNORED = frozenset(
    _WIN32 + name for name in ("Win32CreationTime", "Win32LastAccessTime", "Win32FileAttributes")
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a PROPFIND asks for: some names, or all, with or without their values."""

    names: tuple[str, ...] | None = None
    with_values: bool = True


async def propfind(visit: Visit) -> Response:
    """The properties of a file, or of a folder and what it holds; streamed, never all in memory."""
    wanted = _wanted(await visit.body())
    depth = visit.header("depth", "infinity").lower()
    if depth == "infinity":
        raise Answer(403, xml.error("<D:propfind-finite-depth/>"))
    if depth not in ("0", "1"):
        raise Answer(400)
    status = await in_thread(visit.room.stat, visit.path)
    listing = None
    if depth == "1" and is_folder(status):
        listing = await in_thread(visit.room.list, visit.path)
        visit.hold.callback(listing.close)
    pieces = _pieces(visit, wanted, status, listing)
    headers = {"Content-Type": XML_TYPE}
    return RoomStream(visit.room, visit.hold.pop_all(), pieces, status=207, headers=headers)


async def proppatch(visit: Visit) -> Response:
    """Set and remove properties: all of them, or none."""
    update = xml.parse(await visit.body())
    if update.tag != f"{DAV}propertyupdate":
        raise Answer(400)
    await visit.check_if()
    status = await in_thread(visit.room.stat, visit.path)
    await visit.need_free(visit.path, names_change=False)
    changes = _changes(update)
    refused = [name for name, value in changes.items() if _is_refused(name, value)]
    if not refused:
        await in_thread(_set_time, visit.room, visit.path, status, changes)
        kept = {name: value for name, value in changes.items() if name not in _TIMES | _IGNORED}
        texts = {name: None if value is None else xml.text_of(value) for name, value in kept.items()}
        await visit.write(dav.set_properties, visit.site_path, texts)
    return answer_xml(207, _patched(visit.path, status, changes, refused))


async def _pieces(
    visit: Visit, wanted: Wanted, status: stat_result, listing: Listing | None
) -> AsyncGenerator[bytes, None]:
    first = await _told(visit, wanted, [(visit.path, status)])
    yield (_OPENING + first).encode()
    while listing is not None and (entries := await in_thread(listing.take, _AT_ONCE)):
        found = [(paths.join(visit.path, entry.name), entry.status) for entry in entries]
        yield (await _told(visit, wanted, found)).encode()
    yield _CLOSING.encode()


async def _told(visit: Visit, wanted: Wanted, found: list[tuple[str, stat_result]]) -> str:
    sites = [visit.site(path) for path, _ in found]
    held, dead = await visit.read(dav.notes, visit.site_path, sites)
    return "".join(
        _response(visit.room, wanted, path, status, held, dead.get(shown(site), {}), shown(site))
        for (path, status), site in zip(found, sites, strict=True)
    )


def _response(
    room: Room,
    wanted: Wanted,
    path: str,
    status: stat_result,
    held: Iterable[DavLock],
    dead: Mapping[str, str],
    site: str,
) -> str:
    have = _live(path, status)
    covering = [lock for lock in held if lock.covers(site)]
    have[f"{DAV}lockdiscovery"] = f"<D:lockdiscovery>{locks.discovery(room, covering)}</D:lockdiscovery>"
    have |= dead
    names = wanted.names if wanted.names is not None else tuple(have)
    good = [have[name] if wanted.with_values else xml.empty(name) for name in names if name in have]
    missing = [xml.empty(name) for name in names if name not in have]
    return _stated(path, status, {"200 OK": good, "404 Not Found": missing})


def _live(path: str, status: stat_result) -> dict[str, str]:
    """What every file and folder has (section 15)."""
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(status.st_ctime))
    kind = "<D:collection/>" if is_folder(status) else ""
    have = {
        "resourcetype": kind,
        "displayname": xml.escaped(paths.name(path) or "/"),
        "getlastmodified": http_date(status.st_mtime),
        "creationdate": created,
        "supportedlock": locks.SUPPORTED,
    }
    if not is_folder(status):
        have |= {
            "getcontentlength": str(status.st_size),
            "getcontenttype": guess_type(paths.name(path))[0] or "application/octet-stream",
            "getetag": xml.escaped(etag(status)),
        }
    return {DAV + name: f"<D:{name}>{value}</D:{name}>" for name, value in have.items()}


def _stated(path: str, status: stat_result, by_code: Mapping[str, list[str]]) -> str:
    stated = "".join(_propstat(code, told) for code, told in by_code.items() if told)
    stated = stated or _propstat("200 OK", [])
    there = href(path, is_folder=is_folder(status))
    return f"<D:response><D:href>{there}</D:href>{stated}</D:response>"


def _propstat(code: str, told: list[str]) -> str:
    status = f"<D:status>HTTP/1.1 {code}</D:status>"
    return f"<D:propstat><D:prop>{''.join(told)}</D:prop>{status}</D:propstat>"


def _wanted(body: bytes) -> Wanted:
    """No body stands for all (section 9.1)."""
    if not body:
        return Wanted()
    asked = xml.parse(body)
    kinds = [kind for kind in ("prop", "propname", "allprop") if asked.find(DAV + kind) is not None]
    if asked.tag != f"{DAV}propfind" or len(kinds) != 1:
        raise Answer(400)
    prop = asked.find(f"{DAV}prop")
    if prop is not None:
        return Wanted(tuple(element.tag for element in prop))
    return Wanted(with_values=kinds == ["allprop"])


def _changes(update: Element) -> dict[str, Element | None]:
    """What is set, and what is removed (None); the last word on a name counts."""
    changes: dict[str, Element | None] = {}
    for step in update:
        for prop in step.findall(f"{DAV}prop"):
            for element in prop:
                changes.pop(element.tag, None)
                changes[element.tag] = element if step.tag == f"{DAV}set" else None
    return changes


def _is_refused(name: str, value: Element | None) -> bool:
    if name in _TIMES:
        return value is not None and parse_date((value.text or "").strip()) is None
    return name in _COMPUTED


def _set_time(room: Room, path: str, status: stat_result, changes: Mapping[str, Element | None]) -> None:
    """Setting any property asks for the right to change the file: a time is set, if only the old one."""
    modified = status.st_mtime
    for name in _TIMES & set(changes):
        value = changes[name]
        modified = parse_date((value.text or "").strip()) or modified if value is not None else modified
    room.set_times(path, status.st_atime, modified)


def _patched(
    path: str, status: stat_result, changes: Mapping[str, Element | None], refused: list[str]
) -> str:
    others = [xml.empty(name) for name in changes if name not in refused]
    bad = [xml.empty(name) for name in refused]
    code = "424 Failed Dependency" if refused else "200 OK"
    return _OPENING + _stated(path, status, {"403 Forbidden": bad, code: others}) + _CLOSING
