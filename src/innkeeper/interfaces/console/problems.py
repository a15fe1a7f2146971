"""Refusals in the reader's words: one sentence above the form, one under each field."""

from innkeeper.domain.errors import Problem, Refused
from innkeeper.domain.texts import N_, Text, Translate, said

HEADLINES = {
    "invalid": N_("Nothing was saved yet. Look at the marked fields."),
    "duplicate": N_("Nothing was saved yet. Look at the marked fields."),
    "stale": N_("Someone else changed this while you were looking. Nothing was saved; look again."),
    "forbidden": N_("Your role does not allow this. Nothing was changed."),
    "not_found": N_("This no longer exists, or you may not see it."),
    "already_there": N_("Something has this name already."),
    "no_space": N_("There is not enough space left. Nothing was changed."),
    "connection_ended": N_("Your access ended in the middle. Nothing was changed."),
    "too_many_attempts": N_("Too many attempts in too short a time. Wait a few minutes and try again."),
    "unauthenticated": N_("That did not work. Check the user name and the password."),
}
FALLBACK = N_("The server refused this: %(reason)s")

DUPLICATES = {
    "username": N_("Someone else has this user name already."),
    "name": N_("Something else has this name already."),
    "ssh_keys": N_("This key is in use already."),
    "fingerprint": N_("This key is in use already."),
    "path": N_("This folder is listed already."),
    "credential": N_("This key is set up already, by you or by someone else."),
}
DUPLICATE = N_("Something else has this value already.")

FIELDS = {
    "username": N_("A user name has 1 to 128 characters, without spaces, slashes or colons."),
    "email": N_("An address needs a domain with a dot, like name@example.org."),
    "name": N_("This name is missing or too long."),
    "tags": N_("Tags have 1 to 64 characters, without spaces, commas or semicolons."),
    "language": N_("Choose one of the languages in the list."),
    "time_zone": N_("Choose a time zone from the list, like Europe/Berlin."),
    "authentication_method": N_("Choose one of the methods in the list."),
    "password_validity_days": N_("A whole number of days from 1 to 36500."),
    "access_expires_at": N_("A date like 2027-03-31."),
    "require_login_by": N_("A date like 2027-03-31."),
    "starts_at": N_("A date like 2027-03-31."),
    "ends_at": N_("A date like 2027-03-31."),
    "expires_at": N_("A date like 2027-03-31."),
    "credential": N_("What the browser sent does not belong to this page. Try again."),
    "allowed_ips": N_("Addresses or networks, like 203.0.113.7 or 2001:db8::/32."),
    "user_root": N_("A folder path begins with a slash."),
    "user_home": N_("A folder path begins with a slash."),
    "path": N_("A folder path begins with a slash."),
    "groups": N_("There is no such group, or it is not one of yours."),
    "primary_group": N_("There is no such group, or it is not one of yours."),
    "level": N_("Choose one of the levels in the list."),
    "grants": N_("One folder a line, like /projects/a:read."),
    "ssh_keys": N_(
        "One OpenSSH public key a line, like “ssh-ed25519 AAAA… label”. RSA needs 2048 bits; DSA is refused."
    ),
}
CODES = {
    "password_missing": N_("Type a new password."),
    "password_has_controls": N_("A password cannot contain line breaks or other control characters."),
    "password_too_uniform": N_(
        "At least %(least)s of these: lower case, upper case, digits, other characters."
    ),
    "password_too_guessable": N_(
        "Too easy to guess. A few words in a row that have nothing to do with each other are hard to guess "
        "and easy to keep in mind."
    ),
    "password_common": N_("This password is on the list of common ones."),
    "password_breached": N_("This password is known from a theft of data elsewhere."),
    "password_has_own_data": N_(
        "A password may not contain the name, the address or the company of its user."
    ),
    "password_used_before": N_("Not one of the last %(count)s passwords."),
    "name_missing": N_("Type a user name or an address."),
    "address_missing": N_("An address is needed, since the link to the first password is sent there."),
    "wrong_method": N_("This only goes with the method “Password, imported hash”."),
    "wrong_password": N_("This is not the password that you have now."),
    "wrong_code": N_("This code is wrong or too old. Type the newest one."),
    "too_late": N_("That took too long. Try again."),
    "model_not_allowed": N_(
        "This site allows only certain models of keys. This is none of them, or does not prove to be one."
    ),
    "circle": N_("This group contains the other one already."),
    "unknown_member": N_("There is nobody and no group of this name."),
    "braked": N_("Type the number exactly as it stands above."),
}
# What the domain expects with numbers in it, and the sentence that takes them over.
SENTENCES = {
    "at least %(least)s characters": N_("At least %(least)s characters."),
    "text of at most %(limit)s characters": N_("At most %(limit)s characters."),
    "a whole number from %(low)s to %(high)s": N_("A whole number from %(low)s to %(high)s."),
}
FIELD_FALLBACK = N_("Expected here: %(expected)s.")


def headline(refused: Refused, translate: Translate) -> str:
    """The sentence above the form."""
    known = HEADLINES.get(refused.code)
    return translate(known) if known else said(Text(FALLBACK, {"reason": refused.text}), translate)


def explain(problem: Problem, translate: Translate) -> str:
    """The sentence under a field."""
    if problem.code == "duplicate":
        return translate(DUPLICATES.get(problem.field, DUPLICATE))
    wanted = problem.expected if isinstance(problem.expected, Text) else Text(problem.expected)
    if problem.code in CODES:
        text = Text(CODES[problem.code], wanted.parameters)
    elif wanted.template in SENTENCES:
        text = Text(SENTENCES[wanted.template], wanted.parameters)
    elif problem.field in FIELDS:
        text = Text(FIELDS[problem.field])
    else:
        text = Text(FIELD_FALLBACK, {"expected": wanted})
    return said(text, translate)
