"""Lists of SSH and API keys: narrowed, paged, counted; and those that the site's rules remove."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, false, func, or_, select, true

from innkeeper.domain.credentials import ApiKey, SshKey
from innkeeper.domain.lifetimes import OLD_AFTER, SOON, UNUSED_FOR, KeyView, Lifetime
from innkeeper.domain.queries import KeyQuery
from innkeeper.domain.rights import Scope
from innkeeper.kit.paging import Page, decode_cursor, encode_cursor
from innkeeper.store.credentials import api_key_of, ssh_key_of
from innkeeper.store.scopes import users_in
from innkeeper.store.tables import api_keys, ssh_keys, users
from innkeeper.store.unit import Unit

OWNERS = users.alias("owners")
NAMED_BY = {
    ssh_keys.name: (ssh_keys.c.label, ssh_keys.c.fingerprint),
    api_keys.name: (api_keys.c.name, api_keys.c.prefix),
}


def page_of_ssh_keys(unit: Unit, scope: Scope, rules: Lifetime, query: KeyQuery) -> Page[SshKey]:
    """SSH keys by id."""
    rows, cursor = _page(unit, _narrowed(unit, scope, ssh_keys, rules, query), ssh_keys, query)
    return Page([ssh_key_of(row) for row in rows], cursor)


def page_of_api_keys(unit: Unit, scope: Scope, rules: Lifetime, query: KeyQuery) -> Page[ApiKey]:
    """API keys by id."""
    rows, cursor = _page(unit, _narrowed(unit, scope, api_keys, rules, query), api_keys, query)
    return Page([api_key_of(row) for row in rows], cursor)


def count_ssh_keys(unit: Unit, scope: Scope, rules: Lifetime, query: KeyQuery) -> int:
    """How many SSH keys there are of the kind."""
    return _count(unit, _narrowed(unit, scope, ssh_keys, rules, query))


def count_api_keys(unit: Unit, scope: Scope, rules: Lifetime, query: KeyQuery) -> int:
    """How many API keys there are of the kind."""
    return _count(unit, _narrowed(unit, scope, api_keys, rules, query))


def holders(unit: Unit, fingerprints: Iterable[str]) -> dict[str, int]:
    """How many users hold each of these SSH keys, whoever they are."""
    wanted = list(fingerprints)
    key = ssh_keys.c.fingerprint
    counted = select(key, func.count().label("number")).where(key.in_(wanted)).group_by(key)
    return {row.fingerprint: row.number for row in (unit.rows(counted) if wanted else ())}


def overdue_ssh_keys(unit: Unit, rules: Lifetime, *, limit: int) -> Sequence[SshKey]:
    """Some of the SSH keys that the rules remove, held for that; those that others hold are left to them."""
    due = select(ssh_keys).where(is_removed(ssh_keys, rules, unit, timedelta())).limit(limit)
    return [ssh_key_of(row) for row in unit.rows(due.with_for_update(skip_locked=True))]


def overdue_api_keys(unit: Unit, rules: Lifetime, *, limit: int) -> Sequence[ApiKey]:
    """Some of the API keys that the rules remove, held for that; those that others hold are left to them."""
    due = select(api_keys).where(is_removed(api_keys, rules, unit, timedelta())).limit(limit)
    return [api_key_of(row) for row in unit.rows(due.with_for_update(skip_locked=True))]


def is_removed(table: Table, rules: Lifetime, unit: Unit, within: timedelta) -> ColumnElement[bool]:
    """The rules remove the key within so long a time, unless it is used before."""
    limits = ((_last_use(table), rules.unused_days), (table.c.created_at, rules.maximum_days))
    return or_(
        false(),
        *(since <= unit.now + within - timedelta(days=days) for since, days in limits if days is not None),
    )


def _page(unit: Unit, found: Select[Any], table: Table, query: KeyQuery) -> tuple[Sequence[Any], str | None]:
    if query.cursor:
        found = found.where(table.c.id > decode_cursor(query.cursor, 1)[0])
    rows = unit.rows(found.order_by(table.c.id).limit(query.limit + 1))
    shown = rows[: query.limit]
    return shown, encode_cursor((shown[-1].id,)) if len(rows) > query.limit else None


def _count(unit: Unit, found: Select[Any]) -> int:
    return int(unit.scalar(found.with_only_columns(func.count(), maintain_column_froms=True)))


def _narrowed(unit: Unit, scope: Scope, table: Table, rules: Lifetime, query: KeyQuery) -> Select[Any]:
    clauses = [users_in(scope, table.c.user_id), _in_view(table, rules, unit, query.view)]
    if query.user_id is not None:
        clauses.append(table.c.user_id == query.user_id)
    if query.fingerprint is not None:
        clauses.append(table.c.fingerprint == query.fingerprint)
    found = select(table)
    words = query.text.lower().split()
    if words:
        found = found.join(OWNERS, OWNERS.c.id == table.c.user_id)
        clauses += [_has_word(table, word) for word in words]
    return found.where(*clauses)


def _has_word(table: Table, word: str) -> ColumnElement[bool]:
    named = [func.lower(column).contains(word, autoescape=True) for column in NAMED_BY[table.name]]
    return or_(OWNERS.c.search_text.contains(word, autoescape=True), *named)


def _in_view(table: Table, rules: Lifetime, unit: Unit, view: KeyView) -> ColumnElement[bool]:
    """`domain/lifetimes.py` as SQL; a test holds the two together."""
    clause: ColumnElement[bool] = true()
    if view is KeyView.UNUSED:
        clause = _last_use(table) <= unit.now - UNUSED_FOR
    elif view is KeyView.OLD:
        clause = table.c.created_at <= unit.now - OLD_AFTER
    elif view is KeyView.EXPIRING:
        clause = or_(table.c.expires_at <= unit.now + SOON, is_removed(table, rules, unit, SOON))
    elif view is KeyView.SHARED:
        clause = _is_shared() if table is ssh_keys else false()
    return clause


def _last_use(table: Table) -> ColumnElement[Any]:
    return func.coalesce(table.c.last_used_at, table.c.created_at)


def _is_shared() -> ColumnElement[bool]:
    key = ssh_keys.alias("same").c.fingerprint
    return ssh_keys.c.fingerprint.in_(select(key).group_by(key).having(func.count() > 1))
