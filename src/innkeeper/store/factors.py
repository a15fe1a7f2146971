"""Second factors and recovery codes. What is good once is used up by one statement that counts its rows."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, delete, func, insert, or_, select, update

from innkeeper.domain.factors import Factor
from innkeeper.domain.rights import Permit, Scope
from innkeeper.domain.words import FactorId, FactorKind, UserId
from innkeeper.kit.ids import new_id
from innkeeper.kit.paging import Page, decode_cursor, encode_cursor
from innkeeper.store.scopes import users_in
from innkeeper.store.sign_in_tables import factors, recovery_codes
from innkeeper.store.unit import Unit

OF_USER = select(factors).where(factors.c.user_id == bindparam("user")).order_by(factors.c.id)


def of_user(unit: Unit, user_id: UserId) -> list[Factor]:
    """A user's factors in the order they were made, unconfirmed ones too. The caller has taken the user."""
    return [factor_of(row) for row in unit.rows(OF_USER, {"user": user_id})]


def one(unit: Unit, scope: Scope, factor_id: FactorId) -> Factor | None:
    """One factor of a user within the scope."""
    row = unit.row(select(factors).where(factors.c.id == factor_id, users_in(scope, factors.c.user_id)))
    return factor_of(row) if row else None


def by_credential(unit: Unit, credential_id: str) -> Factor | None:
    """The key that names itself so: asked before any scope is known."""
    row = unit.row(select(factors).where(factors.c.credential_id == credential_id))
    return factor_of(row) if row else None


def page(
    unit: Unit, scope: Scope, *, user_id: UserId | None = None, limit: int = 100, cursor: str | None = None
) -> Page[Factor]:
    """Confirmed factors by id, narrowed to a user."""
    query = select(factors).where(users_in(scope, factors.c.user_id), factors.c.confirmed_at.is_not(None))
    query = query.where(or_(factors.c.removal_at.is_(None), factors.c.removal_at > unit.now))
    if user_id is not None:
        query = query.where(factors.c.user_id == user_id)
    if cursor:
        query = query.where(factors.c.id > decode_cursor(cursor, 1)[0])
    rows = unit.rows(query.order_by(factors.c.id).limit(limit + 1))
    shown = [factor_of(row) for row in rows[:limit]]
    return Page(shown, encode_cursor((shown[-1].id,)) if len(rows) > limit else None)


def users_with_due(unit: Unit, limit: int) -> list[UserId]:
    """Users with a factor whose time has come, in an order that two nodes share."""
    due = select(factors.c.user_id).where(factors.c.removal_at <= unit.now).distinct()
    return [UserId(row.user_id) for row in unit.rows(due.order_by(factors.c.user_id).limit(limit))]


def begin(unit: Unit, factor: Factor) -> None:
    """Keep a factor that has yet to be confirmed; earlier beginnings of that kind are given up."""
    unconfirmed = and_(
        factors.c.user_id == factor.user_id,
        factors.c.kind == factor.kind.value,
        factors.c.confirmed_at.is_(None),
    )
    unit.keep_books(delete(factors).where(unconfirmed))
    unit.keep_books(insert(factors), _row(factor))


def give_up(unit: Unit, factor_id: FactorId) -> None:
    """Forget a factor that was never confirmed."""
    begun = delete(factors).where(factors.c.id == factor_id, factors.c.confirmed_at.is_(None))
    unit.keep_books(begun)


def confirm(unit: Unit, permit: Permit, confirmed: Factor) -> bool:
    """Let a factor count from now on, under its name; False when it does already."""
    begun = update(factors).where(factors.c.id == confirmed.id, factors.c.confirmed_at.is_(None))
    names = ("name", "confirmed_at", "last_used_at", "last_step")
    return unit.change(permit, begun.values({name: getattr(confirmed, name) for name in names})) == 1


def insert_factor(unit: Unit, permit: Permit, factor: Factor) -> None:
    """Add a factor that is confirmed already; raises Duplicate when the key is enrolled already."""
    unit.insert(permit, factors, _row(factor))
    unit.flush()


def rename(unit: Unit, permit: Permit, factor_id: FactorId, name: str) -> None:
    """Call it something else."""
    unit.change(permit, update(factors).where(factors.c.id == factor_id).values(name=name))


def set_removal(unit: Unit, permit: Permit, factor_id: FactorId, removal_at: datetime | None) -> None:
    """When it will be gone; None: it stays."""
    unit.change(permit, update(factors).where(factors.c.id == factor_id).values(removal_at=removal_at))


def remove(unit: Unit, permit: Permit, factor_ids: Iterable[FactorId]) -> None:
    """Take factors away."""
    unit.change(permit, delete(factors).where(factors.c.id.in_(list(factor_ids))))


def use_step(unit: Unit, factor_id: FactorId, step: int) -> bool:
    """Use up the code of a time step; False when it, or a newer one, was used before."""
    newer = or_(factors.c.last_step.is_(None), factors.c.last_step < step)
    using = update(factors).where(factors.c.id == factor_id, newer)
    return unit.keep_books(using.values(last_step=step, last_used_at=unit.now)) == 1


def use_count(unit: Unit, factor_id: FactorId, count: int) -> bool:
    """Note a use of a key by its own count; False when that has not grown. Some keys always say 0."""
    grown = factors.c.sign_count < count if count else factors.c.sign_count == 0
    using = update(factors).where(factors.c.id == factor_id, grown)
    return unit.keep_books(using.values(sign_count=count, last_used_at=unit.now)) == 1


def note_email_use(unit: Unit, user_id: UserId) -> None:
    """Remember that a mailed code was used."""
    mailed = update(factors).where(factors.c.user_id == user_id, factors.c.kind == FactorKind.EMAIL.value)
    unit.keep_books(mailed.where(factors.c.confirmed_at.is_not(None)).values(last_used_at=unit.now))


def replace_recovery_codes(unit: Unit, permit: Permit, user_id: UserId, digests: Iterable[str]) -> None:
    """Make these the user's only recovery codes."""
    unit.change(permit, delete(recovery_codes).where(recovery_codes.c.user_id == user_id))
    for code_digest in digests:
        row = {
            "id": new_id(),
            "user_id": user_id,
            "code_digest": code_digest,
            "used_at": None,
            "created_at": unit.now,
        }
        unit.insert(permit, recovery_codes, row)


def use_recovery_code(unit: Unit, user_id: UserId, code_digest: str) -> bool:
    """Use a code up; False when there is none such, or someone was faster."""
    unused = update(recovery_codes).where(
        recovery_codes.c.user_id == user_id,
        recovery_codes.c.code_digest == code_digest,
        recovery_codes.c.used_at.is_(None),
    )
    return unit.keep_books(unused.values(used_at=unit.now)) == 1


def recovery_codes_left(unit: Unit, user_id: UserId) -> int:
    """How many codes the user can still use."""
    query = select(func.count()).where(
        recovery_codes.c.user_id == user_id, recovery_codes.c.used_at.is_(None)
    )
    return int(unit.scalar(query) or 0)


def factor_of(row: Row[Any]) -> Factor:
    """A row as a factor."""
    return Factor(**{**row._mapping, "kind": FactorKind(row.kind), "transports": tuple(row.transports)})


def _row(factor: Factor) -> dict[str, Any]:
    row = {column.name: getattr(factor, column.name) for column in factors.c}
    return row | {"kind": factor.kind.value, "transports": list(factor.transports)}
