"""The sign-in policy: the rules of signing in on one page, and whom a change of them would affect."""

from collections.abc import Iterable, Sequence
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from innkeeper.actions import policy_effects, settings
from innkeeper.actions.call import Call
from innkeeper.actions.policy_effects import Effect, Standing
from innkeeper.domain.errors import Refused
from innkeeper.domain.rights import Reach, Right
from innkeeper.domain.settings import SiteSettings
from innkeeper.interfaces.console.forms import Form, typed
from innkeeper.interfaces.console.policy_fields import filled, settings_in, values
from innkeeper.interfaces.console.policy_sections import SECTIONS
from innkeeper.interfaces.console.visits import Visit, freshly_proved, signed_in

PATH = "/sign-in-policy"
FIELDS = tuple(setting.name for setting in settings_in(SECTIONS))


async def show(visit: Visit) -> Response:
    """The form as the site stands. Who may only look needs no fresh proof."""
    return await (freshly_proved(_show) if _may_edit(visit) else _show)(visit)


async def save(visit: Visit) -> Response:
    """Save it, once whoever saves has seen whom that affects."""
    data = await visit.form()
    form = Form(typed(data, FIELDS))
    wanted = values(SECTIONS, form)
    try:
        affected = await visit.read(policy_effects.effects, wanted)
        if data.get("look") or (affected and str(data.get("seen", "")) != _signature(affected)):
            return await _page(visit, form, affected=affected)
        await visit.write(settings.edit, wanted)
    except Refused as refused:
        return await _page(visit, form.refuse(refused, visit.text), 422)
    return visit.go(PATH, visit.text("The settings were saved."))


async def _show(visit: Visit) -> Response:
    site, _ = await visit.read(_look)
    return await _page(visit, filled(SECTIONS, site))


async def _page(
    visit: Visit, form: Form, status: int = 200, *, affected: Sequence[Effect] | None = None
) -> Response:
    site, standing = await visit.read(_look)
    return visit.page(
        "sign_in_policy",
        status,
        form=form,
        sections=SECTIONS,
        affected=affected,
        seen=_signature(affected or ()),
        standing=standing,
        mandate_ends_at=_mandate_end(visit, site),
        translated=lambda options: [(value, visit.text(text)) for value, text in options],
        may_edit=_may_edit(visit),
        address=visit.caller.address,
    )


def _look(call: Call) -> tuple[SiteSettings, Standing]:
    return settings.show(call), policy_effects.standing(call)


def _may_edit(visit: Visit) -> bool:
    return visit.reader.may(Right.SETTINGS_EDIT, Reach.ANYONE)


def _mandate_end(visit: Visit, site: SiteSettings) -> Any:
    """When a mandate that was switched off really ends; None if none is ending."""
    ends_at = site.require_2fa_ends_at
    return ends_at if ends_at is not None and ends_at > visit.times.now else None


def _signature(affected: Iterable[Effect]) -> str:
    """What was shown, so that a change that affects others is shown again."""
    return " ".join(f"{effect.kind}:{effect.name}:{effect.number}" for effect in affected)


ROUTES = [Route(PATH, signed_in(show)), Route(PATH, signed_in(save), methods=["POST"])]
