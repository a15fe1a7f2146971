"""Passwords made by the server: easy to read out and to type, and impossible to guess."""

import secrets

# Letters that sound and look like no other, so that a password can be told by telephone.
CONSONANTS, VOWELS = "bdfghklmnprstvwz", "aeiou"
SYLLABLES = 3


def new_passphrase(groups: int = 4) -> str:
    """Groups of three syllables, with a capital letter and a digit: 76 bits of chance in four groups."""
    words = ["".join(map(_syllable, range(SYLLABLES))) for _ in range(groups)]
    return f"{'-'.join(words).capitalize()}-{secrets.randbelow(10)}"


def _syllable(_: int) -> str:
    return secrets.choice(CONSONANTS) + secrets.choice(VOWELS)
