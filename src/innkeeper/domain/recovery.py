"""Recovery codes: ten for a drawer, each good once, for the day when no other second factor is at hand."""

from innkeeper.kit.ids import digest, new_text

HOW_MANY = 10
# Crockford's base32 (https://www.crockford.com/base32.html): nothing in it is taken for something else.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH, GROUP = 16, 4
LOOKALIKES = str.maketrans("OIL", "011")


def new_recovery_codes() -> tuple[str, ...]:
    """Ten codes of 80 random bits, in groups."""
    return tuple(_grouped(new_text(ALPHABET, LENGTH)) for _ in range(HOW_MANY))


def recovery_digest(code: str) -> str | None:
    """What is stored of a code, however it was typed; None for what is no code.

    A plain digest is enough: 80 random bits cannot be guessed.
    """
    letters = "".join(code[:80].split()).replace("-", "").upper().translate(LOOKALIKES)
    is_code = len(letters) == LENGTH and all(letter in ALPHABET for letter in letters)
    return digest(letters) if is_code else None


def _grouped(letters: str) -> str:
    return "-".join(letters[place : place + GROUP] for place in range(0, LENGTH, GROUP))
