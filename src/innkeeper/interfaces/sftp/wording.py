"""What the door says, in the language of whoever has shown a right proof. Strangers get English."""

from innkeeper.domain.errors import Invalid
from innkeeper.domain.logins import WhyNot
from innkeeper.domain.texts import N_, Parameter, Text

PASSWORD = "Password: "
APP_CODE = N_("Code from your app, or a recovery code: ")
MAIL_CODE = N_("Code from the mail, or a recovery code: ")
RECOVERY_CODE = N_("Recovery code: ")
MAILED = N_("A code is on its way to your mailbox.")
TYPE_MAIL = N_('Type "mail" to get a code by mail.')
ONLY_IN_BROWSERS = N_("Security keys and passkeys work in browsers only.")
WRONG_CODE = N_("That code is wrong, or was used before.")

CHOOSE = N_("Your password must be changed. Choose a new one.")
NEW_PASSWORD = N_("New password: ")
NEW_PASSWORD_AGAIN = N_("The same again: ")
NOT_THE_SAME = N_("These were two different passwords. Try again.")


def not_accepted(refused: Invalid) -> Text:
    """Why a new password is not taken."""
    wanted = tuple(
        Text(problem.expected) if isinstance(problem.expected, str) else problem.expected
        for problem in refused.problems
    )
    return Text("That password cannot be taken. Expected: %(wanted)s.", {"wanted": wanted})


def password_is_due(home: str) -> Text:
    """For programs that cannot ask for a new one."""
    if home:
        return Text(
            "Your password must be changed: here if your program asks, else at %(place)s",
            {"place": f"{home}/account/password"},
        )
    return Text("Your password must be changed: here if your program asks, else in the web console.")


def warning(days_left: int | None, home: str) -> Text | None:
    """That the password expires soon; None if it does not."""
    if days_left is None:
        return None
    if home:
        known: dict[str, Parameter] = {"days": days_left, "place": f"{home}/account/password"}
        return Text("Days until your password expires: %(days)s. Change it at %(place)s", known)
    return Text(
        "Days until your password expires: %(days)s. Change it in the web console.", {"days": days_left}
    )


def refusal(reason: WhyNot | None, home: str) -> Text | None:
    """What someone who knew the password can do about being refused; None where nothing is told."""
    if reason is WhyNot.PASSWORD_OVERDUE:
        return password_is_due(home)
    if reason is WhyNot.FACTOR_MISSING and home:
        return Text("You need a second factor first. Set one up at %(place)s", {"place": f"{home}/account"})
    if reason is WhyNot.FACTOR_MISSING:
        return Text("You need a second factor first. Set one up in the web console.")
    return None
