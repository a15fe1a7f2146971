"""Finds what was typed: names of pages first when they fit best, then people, groups and folders."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlencode

from markupsafe import Markup

from innkeeper.actions import folders, groups, ssh_keys, users
from innkeeper.actions.call import Call
from innkeeper.domain.errors import Refused
from innkeeper.domain.queries import UserQuery
from innkeeper.domain.rights import Reach, Right, reach
from innkeeper.domain.texts import N_, Translate
from innkeeper.domain.users import User
from innkeeper.domain.words import FolderId, GroupId, UserId
from innkeeper.interfaces.console import navigation
from innkeeper.interfaces.console.navigation import Entry
from innkeeper.interfaces.console.reader import Reader

MOST = 5
FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}=?")
IDENTIFIER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
GO_TO, PEOPLE, GROUPS, FOLDERS, PASTED = (
    N_("Go to"),
    N_("People"),
    N_("Groups"),
    N_("Folders"),
    N_("Exactly this"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One line of the answer."""

    id: str
    href: str
    text: str
    marked: Markup
    detail: str = ""
    icon: str = ""
    person: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class HitGroup:
    """Hits under one heading; `leads` when Enter may go to the first without asking."""

    name: str
    hits: Sequence[Hit]
    leads: bool = False


def search(call: Call, query: str, reader: Reader, translate: Translate) -> list[HitGroup]:
    """Groups of hits, the best first."""
    pages, rank = _pages(query, reader, translate)
    go_to = HitGroup(GO_TO, pages, leads=rank >= 3)
    others = [*_pasted(call, query), HitGroup(PEOPLE, _people(call, query, translate))] if query else []
    others += (
        [HitGroup(GROUPS, _groups(call, query)), HitGroup(FOLDERS, _folders(call, query))] if query else []
    )
    ordered = [go_to, *others] if rank >= 3 or not query else [*others, go_to]
    return [group for group in ordered if group.hits]


def _pages(query: str, reader: Reader, translate: Translate) -> tuple[list[Hit], int]:
    """Pages and settings by name; with nothing typed, where people mostly go."""
    known = [entry for entry in (*navigation.ALL, *navigation.BY_NAME) if reader.sees(entry)]
    if not query:
        return [_page_hit(entry, "", translate) for entry in known[:4]], 0
    ranked = sorted(((_rank(entry, query, translate), entry) for entry in known), key=lambda pair: -pair[0])
    best = [(rank, entry) for rank, entry in ranked if rank][:MOST]
    return [_page_hit(entry, query, translate) for _, entry in best], best[0][0] if best else 0


def _rank(entry: Entry, query: str, translate: Translate) -> int:
    """3 for the beginning of the name, 2 for the beginning of a word, 1 for a related word."""
    wanted = query.casefold()
    names = [translate(entry.name).casefold(), entry.name.casefold()]
    if any(name.startswith(wanted) for name in names):
        return 3
    if any(word.startswith(wanted) for name in names for word in name.split()):
        return 2
    return int(
        len(wanted) > 2 and any(word.startswith(wanted) for word in translate(entry.words).casefold().split())
    )


def _page_hit(entry: Entry, query: str, translate: Translate) -> Hit:
    text = translate(entry.name)
    return Hit(
        id=f"page-{_slug(entry.href)}", href=entry.href, text=text, marked=mark(text, query), icon=entry.icon
    )


def _people(call: Call, query: str, translate: Translate) -> list[Hit]:
    found = users.page(call, UserQuery(text=query, limit=MOST)).items
    hits = [_person(call, user, query) for user in found]
    if len(hits) == MOST and reach(call.actor, Right.USER_READ) > Reach.SELF:
        text = translate(N_("All users with “%(query)s”")) % {"query": query}
        href = f"/users?{_encoded(q=query)}"
        hits.append(
            Hit(id="all-users", href=href, text=text, marked=Markup("{}").format(text), icon="list-filter")
        )
    return hits


def _person(call: Call, user: User, query: str) -> Hit:
    text = user.name or user.username
    is_self = user.id == call.actor.user_id and reach(call.actor, Right.USER_READ) is Reach.SELF
    return Hit(
        id=f"user-{user.id}",
        href="/account" if is_self else f"/users/{user.id}",
        text=text,
        marked=mark(text, query),
        detail=user.email or user.username,
        person=user.username,
        status=user.status(call.now).value,
    )


def _groups(call: Call, query: str) -> list[Hit]:
    if reach(call.actor, Right.GROUP_READ) < Reach.GROUPS:
        return []
    found = groups.page(call, text=query, limit=MOST).items
    return [
        Hit(
            id=f"group-{group.id}",
            href=f"/groups/{group.id}",
            text=group.name,
            marked=mark(group.name, query),
            detail=group.notes[:80],
            icon="users-round",
        )
        for group in found
    ]


def _folders(call: Call, query: str) -> list[Hit]:
    if reach(call.actor, Right.FOLDER_READ) < Reach.GROUPS:
        return []
    found = folders.page(call, text=query, limit=MOST).items
    return [
        Hit(
            id=f"folder-{folder.id}",
            href=f"/folders/{folder.id}",
            text=folder.path,
            marked=mark(folder.path, query),
            icon="folder-key",
        )
        for folder in found
    ]


def _pasted(call: Call, query: str) -> Iterable[HitGroup]:
    """A key fingerprint, an id or an address, as copied from somewhere else."""
    hits = [*_by_fingerprint(call, query), *_by_identifier(call, query), *_by_address(call, query)]
    return [HitGroup(PASTED, hits, leads=True)] if hits else []


def _by_fingerprint(call: Call, query: str) -> list[Hit]:
    if not FINGERPRINT.fullmatch(query):
        return []
    found = ssh_keys.page(call, fingerprint=query.rstrip("="), limit=MOST).items
    owners = [users.show(call, key.user_id) for key in found]
    return [
        Hit(
            id=f"key-{owner.id}",
            href=f"/users/{owner.id}?tab=security",
            text=owner.username,
            marked=mark(owner.name or owner.username, ""),
            detail=query,
            person=owner.username,
        )
        for owner in owners
    ]


def _by_identifier(call: Call, query: str) -> list[Hit]:
    if not IDENTIFIER.fullmatch(query):
        return []
    tries: list[Callable[[], Hit]] = [
        lambda: _person(call, users.show(call, UserId(query)), ""),
        lambda: _named("group", groups.show(call, GroupId(query)).name, f"/groups/{query}", "users-round"),
        lambda: _named("folder", folders.show(call, FolderId(query)).path, f"/folders/{query}", "folder-key"),
    ]
    return [hit for hit in map(_found, tries) if hit is not None]


def _found(attempt: Callable[[], Hit]) -> Hit | None:
    try:
        return attempt()
    except Refused:
        return None


def _named(kind: str, text: str, href: str, icon: str) -> Hit:
    return Hit(id=f"id-{kind}", href=href, text=text, marked=mark(text, ""), icon=icon)


def _by_address(call: Call, query: str) -> list[Hit]:
    try:
        ip_address(query)
    except ValueError:
        return []
    if reach(call.actor, Right.EVENT_READ) < Reach.GROUPS:
        return []
    return [
        Hit(
            id="address",
            href=f"/activity?{_encoded(q=query)}",
            text=query,
            marked=mark(query, ""),
            icon="scroll-text",
        )
    ]


def mark(text: str, query: str) -> Markup:
    """The text with the first place that fits the query marked."""
    at = text.casefold().find(query.casefold()) if query else -1
    if at < 0:
        return Markup("{}").format(text)
    return Markup("{}<mark>{}</mark>{}").format(
        text[:at], text[at : at + len(query)], text[at + len(query) :]
    )


def _encoded(**values: str) -> str:
    return urlencode(values)


def _slug(href: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", href).strip("-") or "start"
