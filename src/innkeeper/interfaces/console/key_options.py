"""What the forms about keys offer to choose from."""

from innkeeper.domain.texts import Translate
from innkeeper.interfaces.console import labels

Options = list[tuple[str, str]]


def key_options(translate: Translate) -> dict[str, Options]:
    """Scopes of API keys, kinds of SSH keys, and doors, each with its words."""
    return {
        "scope_options": [(code, translate(name)) for code, name in labels.SCOPES.items()],
        "kind_options": [(code, translate(name)) for code, name in labels.KEY_KINDS.items()],
        "door_options": [(code, translate(name)) for code, name in labels.PROTOCOLS.items()],
    }
