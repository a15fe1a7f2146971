"""What one connection sees of the site, and what it may do there: the questions every verb asks first."""

import os
import stat
from typing import NoReturn

from innkeeper.domain import paths
from innkeeper.domain.access import Ability, Access
from innkeeper.domain.errors import Forbidden, NotFound
from innkeeper.files.own import OwnUploads
from innkeeper.files.presence import Presence, Stay
from innkeeper.files.storage import Storage
from innkeeper.kit.clock import Clock

_FULL = Ability.LIST | Ability.MODIFY | Ability.DELETE


class View(Presence):
    """The site through one access, with the user's root as its top. What may not be seen is not found."""

    def __init__(self, root: Storage, stay: Stay, access: Access, own: OwnUploads, clock: Clock) -> None:
        super().__init__(stay, access, clock)
        self._root = root
        self._own = own
        within = paths.is_within(stay.user_home, stay.user_root)
        self._home = paths.below(stay.user_home, stay.user_root) if within else paths.ROOT

    def resolve(self, path: str) -> str:
        """The canonical path as this user sees it; a relative one starts at their home."""
        return paths.normalize(path if path.startswith("/") else f"{self._home}/{path}")

    def abilities(self, folder: str) -> Ability:
        """What may be done in a folder and with the files that it holds."""
        return self.access.abilities(self._enter(folder))

    def _enter(self, path: str) -> str:
        """The site path, if the room is open and some folder on the way to it may be seen."""
        access = self.enter()
        site = paths.above(self.resolve(path), self.stay.user_root)
        if not (self._is_top(site) or access.may_enter(site) or access.may_enter(paths.parent(site))):
            raise not_found(path)
        return site

    def _is_top(self, site: str) -> bool:
        return site == self.stay.user_root

    def _sees(self, site: str, status: os.stat_result) -> bool:
        if self._is_top(site) or self.access.shows(paths.parent(site), paths.name(site)):
            return True
        is_folder = stat.S_ISDIR(status.st_mode)
        return (is_folder and self.access.may_enter(site)) or self._own.holds(site, status)

    def _shows(self, folder: str, name: str) -> bool:
        return self.access.shows(folder, name) or paths.join(folder, name) in self._own

    def _need(self, ability: Ability, site: str, path: str) -> None:
        if not self._allows(ability, site):
            self._refuse(site, path)

    def _need_changeable(self, site: str) -> None:
        if self._is_top(site):
            raise Forbidden("the top folder stays as it is")

    def _need_modify(self, site: str, path: str) -> None:
        if not self._may_modify(site):
            self._refuse(site, path)

    def _allows(self, ability: Ability, site: str) -> bool:
        return self.access.file_abilities(site) & ability == ability

    def _may_modify(self, site: str) -> bool:
        return self._allows(Ability.MODIFY, site) or self._owns(site)

    def _owns(self, site: str) -> bool:
        if site not in self._own:
            return False
        try:
            return self._own.holds(site, self._root.stat(site))
        except FileNotFoundError:
            return False

    def _remember(self, site: str, status: os.stat_result) -> None:
        """Note an own upload, unless the access allows all that could be done with it anyway."""
        if not self._allows(_FULL, site):
            self._own.add(site, status)

    def _refuse(self, site: str, path: str) -> NoReturn:
        """Say no to what is in sight, and deny knowledge of the rest."""
        in_sight = self.access.shows(paths.parent(site), paths.name(site))
        if in_sight or self._is_top(site) or self.access.file_abilities(site):
            raise Forbidden("you do not have permission to do this here")
        raise not_found(path)


def not_found(path: str) -> NotFound:
    """The same words for what is not there and for what may not be seen."""
    return NotFound("path", path)
