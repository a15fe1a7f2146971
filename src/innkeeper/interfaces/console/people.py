"""How a person looks without a picture: initials on one of ten colours."""

from zlib import crc32

COLOURS = 10


def initials(name: str) -> str:
    """The first letters of the first and last word."""
    words = [word for word in name.split() if word[0].isalnum()] or ["?"]
    chosen = words[:1] if len(words) == 1 else [words[0], words[-1]]
    return "".join(word[0] for word in chosen).upper()


def hue(key: str) -> int:
    """The colour that belongs to a name, the same on every page and day."""
    return crc32(key.encode()) % COLOURS
