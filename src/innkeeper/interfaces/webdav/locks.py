"""LOCK and UNLOCK (RFC 4918, sections 9.10 and 9.11)."""

import re
from datetime import datetime
from xml.etree.ElementTree import Element

from starlette.responses import Response

from innkeeper.actions import dav
from innkeeper.domain.access import Ability
from innkeeper.domain.dav import DavLock, Locked
from innkeeper.domain.errors import NotFound
from innkeeper.domain.paths import below, parent
from innkeeper.files.room import Room
from innkeeper.interfaces.webdav import xml
from innkeeper.interfaces.webdav.addresses import href
from innkeeper.interfaces.webdav.visits import Answer, Visit, answer_xml
from innkeeper.interfaces.webdav.xml import DAV
from innkeeper.kit.clock import utc_now
from innkeeper.kit.threads import in_thread

_SECONDS = re.compile(r"Second-(\d{1,10})", re.IGNORECASE)
_USUAL_SECONDS = 600
SUPPORTED = "".join(
    f"<D:lockentry><D:lockscope><D:{scope}/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockentry>"
    for scope in ("exclusive", "shared")
)


async def lock(visit: Visit) -> Response:
    """Lock the path, and make an empty file where nothing is; without a body, renew a lock."""
    body = await visit.body()
    await visit.check_if()
    if not body:
        return await _refresh(visit)
    wanted = xml.parse(body)
    if wanted.tag != f"{DAV}lockinfo" or visit.header("depth", "infinity").lower() not in ("0", "infinity"):
        raise Answer(400)
    is_new = await visit.status(visit.path) is None
    if is_new:
        await visit.need_free(visit.path, names_change=True)
    else:
        await in_thread(_need_writing, visit.room, visit.path)
    made = await _make(visit, wanted)
    if is_new:
        await _make_file(visit, made)
    answer = answer_xml(201 if is_new else 200, _document(visit.room, made))
    answer.headers["Lock-Token"] = f"<{made.token}>"
    return answer


async def unlock(visit: Visit) -> Response:
    """Give a lock up."""
    token = visit.header("lock-token").strip("<>")
    if not token:
        raise Answer(400)
    try:
        await visit.write(dav.unlock, visit.site_path, visit.user_id, token)
    except NotFound:
        raise Answer(409, xml.error("<D:lock-token-matches-request-uri/>")) from None
    except Locked:
        raise Answer(403) from None
    return Response(status_code=204)


def discovery(room: Room, locks: list[DavLock]) -> str:
    """Every lock in full (section 15.8)."""
    return "".join(_active(room, lock, utc_now()) for lock in locks)


async def _make(visit: Visit, wanted: Element) -> DavLock:
    owner = wanted.find(f"{DAV}owner")
    try:
        return await visit.write(
            dav.lock,
            visit.site_path,
            visit.user_id,
            is_exclusive=wanted.find(f"{DAV}lockscope/{DAV}shared") is None,
            is_deep=visit.header("depth", "infinity").lower() != "0",
            owner="" if owner is None else xml.text_of(owner),
            seconds=_seconds(visit),
        )
    except Locked as refusal:
        there = href(below(refusal.path, visit.room.stay.user_root), is_folder=False)
        condition = f"<D:no-conflicting-lock><D:href>{there}</D:href></D:no-conflicting-lock>"
        raise Answer(423, xml.error(condition)) from None


async def _make_file(visit: Visit, made: DavLock) -> None:
    """Section 7.3. The lock comes first, so that nobody else writes before it; and goes if no file comes."""
    try:
        await in_thread(_put_empty, visit.room, visit.path)
    except BaseException:
        await visit.write(dav.unlock, visit.site_path, visit.user_id, made.token)
        raise


def _put_empty(room: Room, path: str) -> None:
    upload = room.upload(path, is_exclusive=True)
    try:
        upload.commit()
    finally:
        upload.abandon()


def _need_writing(room: Room, path: str) -> None:
    """Who may not write has nothing to lock."""
    if not room.abilities(parent(path)) & (Ability.CREATE | Ability.MODIFY):
        raise Answer(403)


async def _refresh(visit: Visit) -> Response:
    renewed = await visit.write(dav.refresh, visit.site_path, visit.user_id, visit.tokens, _seconds(visit))
    if renewed is None:
        raise Answer(412, xml.error("<D:lock-token-matches-request-uri/>"))
    return answer_xml(200, _document(visit.room, renewed))


def _seconds(visit: Visit) -> int:
    header = visit.header("timeout")
    match = _SECONDS.search(header)
    if match:
        return int(match[1])
    return dav.MOST_SECONDS if header.lower().startswith("infinite") else _USUAL_SECONDS


def _document(room: Room, lock: DavLock) -> str:
    return (
        f'{xml.HEAD}<D:prop xmlns:D="DAV:"><D:lockdiscovery>{discovery(room, [lock])}'
        "</D:lockdiscovery></D:prop>"
    )


def _active(room: Room, lock: DavLock, now: datetime) -> str:
    scope = "exclusive" if lock.is_exclusive else "shared"
    left = max(0, round((lock.expires_at - now).total_seconds()))
    root = href(below(lock.path, room.stay.user_root), is_folder=False)
    return (
        f"<D:activelock><D:lockscope><D:{scope}/></D:lockscope><D:locktype><D:write/></D:locktype>"
        f"<D:depth>{'infinity' if lock.is_deep else '0'}</D:depth>{lock.owner}"
        f"<D:timeout>Second-{left}</D:timeout>"
        f"<D:locktoken><D:href>{xml.escaped(lock.token)}</D:href></D:locktoken>"
        f"<D:lockroot><D:href>{root}</D:href></D:lockroot></D:activelock>"
    )
