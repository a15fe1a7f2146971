"""Removes the keys that the site's rules no longer let in, so that lists hold only what counts."""

from innkeeper.actions import api_keys, ssh_keys
from innkeeper.actions.call import Call


def tidy(call: Call, *, limit: int) -> int:
    """Remove some SSH keys and some API keys, each with its event; answers how many, 0 when all is tidy.

    Open connections of such a key have ended already: the rules are asked at every use.
    """
    return ssh_keys.tidy(call, limit=limit) + api_keys.tidy(call, limit=limit)
