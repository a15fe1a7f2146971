"""Uploads that requests of this process write at the moment, so that no two write the same one."""

_REMEMBERED = 10_000


class UnderWay:
    """The uploads that a request of this process writes now, and those completed lately."""

    def __init__(self) -> None:
        self.now: set[str] = set()
        self.complete: dict[str, None] = {}
        self.dropped: dict[str, None] = {}

    def finish(self, name: str) -> None:
        """The answer may get lost, and its client then asks how far it is."""
        _remember(self.complete, name)

    def drop(self, name: str) -> None:
        """Its address leads nowhere from now on."""
        _remember(self.dropped, name)


def _remember(names: dict[str, None], name: str) -> None:
    names[name] = None
    if len(names) > _REMEMBERED:
        del names[next(iter(names))]
