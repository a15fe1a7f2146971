"""The site's settings."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from innkeeper.actions import mails
from innkeeper.actions.call import Call
from innkeeper.domain.admission import address_in
from innkeeper.domain.changes import plain
from innkeeper.domain.errors import NotNow
from innkeeper.domain.events import Kind, Target, difference
from innkeeper.domain.factors import site_mandate
from innkeeper.domain.mails import MailKind
from innkeeper.domain.other_fields import check_settings
from innkeeper.domain.rights import Right
from innkeeper.domain.settings import SiteSettings, with_changes
from innkeeper.store import settings, users


def show(call: Call) -> SiteSettings:
    """The settings as they are."""
    call.scope(Right.SETTINGS_READ)
    return settings.load(call.unit)


def public(call: Call) -> SiteSettings:
    """The settings for pages that strangers see: name, language and zone. The caller shows no more."""
    return settings.load(call.unit)


def edit(call: Call, values: Mapping[str, Any]) -> SiteSettings:
    """Change some settings; raises Invalid, or NotNow if that would lock out the one who asks."""
    permit = call.permit_for_site(Right.SETTINGS_EDIT)
    checked = check_settings(values)
    _keep_a_way_in(call, checked)
    _keep_the_delay(call, checked)
    site = settings.load(call.unit)
    before, after = difference(_plain(asdict(site)), _plain(asdict(with_changes(site, checked, call.now))))
    if after:
        settings.save(call.unit, permit, after)
        call.record(Kind.SETTINGS_EDITED, Target("settings", "site"), before=before, after=after)
        if after.get("require_2fa_ends_at"):
            _warn_administrators(call, after["require_2fa_ends_at"])
    return settings.load(call.unit)


def _keep_the_delay(call: Call, checked: Mapping[str, Any]) -> None:
    """A delay that could be cut just before the mandate is switched off would be none."""
    site = call.site
    is_shorter = (
        checked.get("two_factor_leave_hours", site.two_factor_leave_hours) < site.two_factor_leave_hours
    )
    if is_shorter and (site_mandate(site, call.now) or site.require_2fa_roles):
        raise NotNow("the delay cannot be cut while the site demands second factors; end that first")


def _warn_administrators(call: Call, ends_at: object) -> None:
    for user in users.site_administrators(call.unit):
        data = {"ends_at": ends_at, "by": call.actor.name}
        mails.queue(call, MailKind.TWO_FACTOR_ENDING, user, data)


def _keep_a_way_in(call: Call, checked: Mapping[str, Any]) -> None:
    if call.actor.user_id is None:
        return
    if call.interface not in checked.get("protocols", (call.interface,)):
        raise NotNow(
            "this would shut the %(door)s door that you are using; change it from another",
            door=repr(call.interface),
        )
    allowed = checked.get("allowed_ips")
    if allowed and not address_in(call.address, allowed):
        raise NotNow(
            "this would shut out your own address %(address)s; add it to the list", address=call.address
        )


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in values.items()}
