"""User fields as flags: one list of options for create, edit and clone, and a flag that empties fields."""

import inspect
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any

import typer

TEXTS = {
    "name": "Full name.",
    "email": "E-mail address.",
    "company": "Company.",
    "notes": "Notes for administrators.",
    "language": "Language of console and mails, like en or de.",
    "time_zone": "IANA time zone, like Europe/Berlin.",
    "header_text": "Text that the user sees above every page.",
    "authentication_method": "How they sign in, like password or none (keys only).",
    "access_expires_at": "Last day (2027-03-31) or time with offset; '' for none.",
    "require_login_by": "Must have signed in by this day or time; '' for none.",
    "primary_group": "Name of their main group.",
    "user_root": "Folder that they see as '/'.",
    "user_home": "Folder in which they start.",
}
LISTS = {
    "tag": ("tags", "Tag; may be repeated."),
    "role": ("roles", "Role; may be repeated."),
    "group": ("groups", "Group by name; may be repeated."),
    "grant": ("grants", "Permission like /projects/a:read; may be repeated."),
    "ssh_key": ("ssh_keys", "Public key line; may be repeated."),
    "protocol": ("protocols", "Protocol; may be repeated."),
    "allowed_ip": ("allowed_ips", "Address or network; may be repeated."),
}
SWITCHES = {
    "require_password_change": "Must change the password at the next sign-in.",
    "disabled": "Suspended from the start, or now.",
    "bypass_site_allowed_ips": "Free of the site's address list.",
    "require_2fa": "Must use two-factor.",
}
NUMBERS = {"password_validity_days": "Days after which the password must be changed."}
DOCUMENTS = {
    "attributes": "JSON object of custom attributes.",
    "external_ids": "JSON object of ids in other systems.",
    "notification_preferences": "JSON object.",
    "bypass_lifecycle_rules": "JSON object with reason and until.",
}
# What a field is once it is emptied: as if nobody had ever said anything about it.
EMPTIED: dict[str, Any] = {
    **dict.fromkeys(("name", "email", "company", "notes", "language", "time_zone", "header_text"), ""),
    **dict.fromkeys(("access_expires_at", "require_login_by", "primary_group")),
    **dict.fromkeys(("password_validity_days", "require_2fa", "protocols", "bypass_lifecycle_rules")),
    **dict.fromkeys(("tags", "roles", "groups", "grants", "ssh_keys", "allowed_ips"), ()),
    **{name: {} for name in ("attributes", "external_ids", "notification_preferences")},
    **dict.fromkeys(("user_root", "user_home"), "/"),
}
Emptied = Annotated[
    list[str] | None,
    typer.Option(
        "--clear",
        metavar="FIELD",
        help="Empty a field, named like its flag: --clear tag, --clear require-2fa; may be repeated. Where"
        " require-2fa, password-validity-days or protocol say nothing, the site's settings count.",
    ),
]


def with_user_fields(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command a flag for every user field; it gets those that were used as `values`."""
    signature = inspect.signature(command)
    own = [entry for entry in signature.parameters.values() if entry.name != "values"]

    def wrapped(**given: Any) -> None:
        mine = {entry.name: given.pop(entry.name) for entry in own}
        command(**mine, values=values_of(given))

    parameters = [*own, *_parameters()]
    wrapped.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    wrapped.__annotations__ = {entry.name: entry.annotation for entry in parameters}
    wrapped.__name__, wrapped.__doc__ = command.__name__, command.__doc__
    return wrapped


def values_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """The flags that were used, by field name, as the API takes them; raises BadParameter."""
    values = {name: given[name] for name in (*TEXTS, *SWITCHES, *NUMBERS) if given[name] is not None}
    values |= {field: given[flag] for flag, (field, _) in LISTS.items() if given[flag]}
    values |= {name: _document(name, given[name]) for name in DOCUMENTS if given[name] is not None}
    if given["password_stdin"]:
        values["password"] = read_password()
    if given["imported_password_hash_stdin"]:
        values["imported_password_hash"] = _read_line("the hash of a password")
    for name in ("access_expires_at", "require_login_by", "primary_group"):
        if values.get(name) == "":
            values[name] = None
    return values


def emptied(
    names: Iterable[str] | None, values: Mapping[str, Any], among: Mapping[str, Any] = EMPTIED
) -> dict[str, Any]:
    """The fields to empty, as the API takes them; raises BadParameter for one that is set as well."""
    found: dict[str, Any] = {}
    for name in names or ():
        field = _field(name)
        if field not in among:
            known = ", ".join(among).replace("_", "-")
            raise typer.BadParameter(f"--clear {name}: no field that can be empty; expected one of {known}")
        if field in values:
            raise typer.BadParameter(f"--clear {name}: this field is given a value as well")
        found[field] = among[field]
    return found


def read_password() -> str:
    """A password from standard input, so that it is in no list of processes; raises BadParameter."""
    return _read_line("a password")


def _read_line(expected: str) -> str:
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise typer.BadParameter(f"standard input was empty; expected {expected} and a line end")
    return line


def _field(name: str) -> str:
    """The field of a flag, or of its own name: `tag`, `--tag` and `tags` are one."""
    bare = name.lstrip("-").replace("-", "_")
    return LISTS[bare][0] if bare in LISTS else bare


def _document(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        flag = name.replace("_", "-")
        raise typer.BadParameter(f"--{flag}: {text!r} is no JSON; expected an object like {{}}") from error


def _parameters() -> list[inspect.Parameter]:
    parameters = [_parameter(name, str, text) for name, text in (*TEXTS.items(), *DOCUMENTS.items())]
    parameters += [_parameter(flag, list[str], text) for flag, (_, text) in LISTS.items()]
    parameters += [_parameter(name, bool, text) for name, text in SWITCHES.items()]
    parameters += [_parameter(name, int, text) for name, text in NUMBERS.items()]
    stdin = Annotated[bool, typer.Option("--password-stdin", help="Read a password from standard input.")]
    imported = Annotated[
        bool,
        typer.Option(
            "--imported-password-hash-stdin",
            help="Read the hash that another product stored, for the method password_with_imported_hash.",
        ),
    ]
    return [
        *parameters,
        _keyword("password_stdin", stdin, default=False),
        _keyword("imported_password_hash_stdin", imported, default=False),
    ]


def _parameter(name: str, kind: Any, text: str) -> inspect.Parameter:
    return _keyword(name, Annotated[kind | None, typer.Option(help=text)], default=None)


def _keyword(name: str, annotation: Any, *, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)
