"""What the sign-in policy consists of, in the words of its page. Every setting is listed once."""

from innkeeper.domain.texts import N_
from innkeeper.domain.words import FactorKind, Protocol, Role
from innkeeper.interfaces.console import labels
from innkeeper.interfaces.console.policy_fields import Control, Section, Setting

PASSWORDS = Section(
    "passwords",
    N_("Passwords"),
    N_("Rules for every new password. They hold from the next password on; nobody has to change theirs now."),
    (
        (
            Setting(
                "password_minimum_length",
                N_("Shortest password, characters"),
                N_("From 8 to 128. Length helps more than odd characters."),
            ),
            Setting(
                "password_minimum_classes",
                N_("Mix of characters"),
                N_("Lower case, upper case, digits, others."),
                Control.CHOICE,
                labels.CLASSES,
            ),
        ),
        (
            Setting(
                "password_minimum_strength",
                N_("Strength"),
                N_("Estimated from words, names, dates and patterns."),
                Control.CHOICE,
                labels.STRENGTHS,
            ),
            Setting(
                "password_history",
                N_("Earlier passwords refused"),
                N_("So many of a person’s last passwords cannot be taken again. 0: any can."),
            ),
        ),
        (
            Setting(
                "password_refuse_common",
                N_("Refuse common and stolen passwords"),
                N_("By a list that comes with the server; nothing is sent anywhere."),
                Control.SWITCH,
            ),
        ),
        (
            Setting(
                "password_validity_days",
                N_("Valid for days"),
                N_("Then the password must be changed at sign-in. Empty: for good."),
                Control.DAYS_OR_NONE,
            ),
            Setting(
                "password_warning_days",
                N_("Warn so many days before"),
                N_("By mail, and at each sign-in. 0: never."),
            ),
        ),
        (
            Setting(
                "password_reset_by_mail",
                N_("Offer “Forgot your password?”"),
                N_("Whoever asks gets a link by mail, if they have an address; strangers learn nothing."),
                Control.SWITCH,
            ),
        ),
        (
            Setting(
                "reset_link_minutes",
                N_("Such a link works for minutes"),
                N_("It works once, and only the newest."),
            ),
            Setting(
                "signup_link_hours",
                N_("An invitation works for hours"),
                N_("The link to the first password; it can be sent again."),
            ),
        ),
    ),
)
SECOND_FACTOR = Section(
    "two-factor",
    N_("Second factor"),
    N_("What people show besides their password: a code from an app or by mail, or a security key."),
    (
        (
            Setting(
                "require_2fa",
                N_("Everyone needs one"),
                N_("Groups and users can demand it for themselves; a user can be exempt."),
                Control.SWITCH,
            ),
        ),
        (
            Setting(
                "require_2fa_roles",
                N_("People with these roles need one"),
                N_("Whoever administers a group is a group administrator; everybody is a user."),
                Control.CHOICES,
                tuple((role.value, labels.ROLES[role.value]) for role in Role),
            ),
        ),
        (
            Setting(
                "require_2fa_with_ssh_keys",
                N_("Ask after SSH keys too"),
                N_("Those who have one type a code after their key. Programs with only a key cannot."),
                Control.SWITCH,
            ),
        ),
        (
            Setting(
                "two_factor_grace_days",
                N_("Days to set one up"),
                N_("From the first sign-in under the rule. Then nothing else can be done before."),
            ),
            Setting(
                "two_factor_leave_hours",
                N_("Leaving takes hours"),
                N_("Switching the rule off, or removing one’s last factor, waits so long."),
            ),
        ),
        (
            Setting(
                "two_factor_kinds",
                N_("Kinds that can be set up"),
                N_("Whoever has another kind already keeps it."),
                Control.CHOICES,
                tuple((kind.value, labels.FACTOR_KINDS[kind.value]) for kind in FactorKind),
            ),
        ),
    ),
)
PASSKEYS = Section(
    "passkeys",
    N_("Passkeys"),
    N_("A passkey checks finger, face or PIN by itself, so that it stands for password and second factor."),
    (
        (
            Setting(
                "passkey_sign_in",
                N_("A passkey alone is enough to sign in"),
                N_("Switched off, it still counts as a second factor after the password."),
                Control.SWITCH,
            ),
        ),
        (
            Setting(
                "passkey_models",
                N_("Only these models"),
                N_("Their AAGUIDs, one a line, as makers publish them. Empty: any. Enrolled keys stay."),
                Control.WORDS,
            ),
        ),
    ),
)
LOCKOUT = Section(
    "lockout",
    N_("Lock-out"),
    N_("Against guessing. Known browsers and keys still get in, so that nobody is locked out by others."),
    (
        (
            Setting(
                "lockout_attempts",
                N_("Wrong passwords until then"),
                N_("From 3 to 100. The answers get slower long before."),
            ),
            Setting(
                "lockout_minutes",
                N_("Locked for minutes"),
                N_("Administrators can unlock people sooner."),
            ),
        ),
    ),
)
SESSIONS = Section(
    "sessions",
    N_("Sessions in browsers"),
    N_("How long a sign-in to this console lasts."),
    (
        (
            Setting(
                "session_idle_minutes",
                N_("Ends after minutes without use"),
                N_("Counts at once, also for sessions that are open."),
            ),
            Setting(
                "session_hours",
                N_("Ends after hours in any case"),
                N_("Counts for sessions that begin from now on."),
            ),
        ),
        (
            Setting(
                "remember_device_days",
                N_("Browsers may be remembered for days"),
                N_("There no second factor is asked. 0: it is asked every time."),
            ),
            Setting(
                "fresh_proof_minutes",
                N_("Ask again before sensitive changes, after minutes"),
                N_("Keys, passwords, roles, deleting people, these settings."),
            ),
        ),
        (
            Setting(
                "new_device_mail",
                N_("Tell people of sign-ins from new browsers"),
                N_("By mail, with place and time."),
                Control.SWITCH,
            ),
        ),
    ),
)
DESKTOPS = Section(
    "desktops",
    N_("Desktop connections"),
    N_("Command line and desktop programs that people have approved."),
    (
        (
            Setting(
                "desktop_session_days",
                N_("End after days without use"),
                N_("Then the program has to be approved again."),
            ),
        ),
    ),
)
KEYS = Section(
    "keys",
    N_("Life of keys"),
    N_("Keys that fall under a rule stop working at once, and are removed."),
    (
        (
            Setting(
                "ssh_key_unused_days",
                N_("SSH keys unused for days"),
                N_("Counted from the last use, or from when it was added. Empty: for ever."),
                Control.DAYS_OR_NONE,
            ),
            Setting(
                "ssh_key_maximum_days",
                N_("SSH keys older than days"),
                N_("However much they are used. Empty: for ever."),
                Control.DAYS_OR_NONE,
            ),
        ),
        (
            Setting(
                "api_key_unused_days",
                N_("API keys unused for days"),
                N_("Counted from the last use, or from when it was made. Empty: for ever."),
                Control.DAYS_OR_NONE,
            ),
            Setting(
                "api_key_maximum_days",
                N_("API keys older than days"),
                N_("However much they are used. Empty: for ever."),
                Control.DAYS_OR_NONE,
            ),
        ),
    ),
)
DOORS = Section(
    "doors",
    N_("Protocols and allowed addresses"),
    N_("What the site offers at all, and from where. Groups and users can be narrower, never wider."),
    (
        (
            Setting(
                "protocols",
                N_("Protocols"),
                N_("Connections through a door that you close end at once."),
                Control.CHOICES,
                tuple((protocol.value, labels.PROTOCOLS[protocol.value]) for protocol in Protocol),
            ),
        ),
        (
            Setting(
                "allowed_ips",
                N_("Allowed addresses"),
                N_("Addresses or networks, one a line. Empty: from anywhere."),
                Control.WORDS,
            ),
        ),
    ),
)
SECTIONS = (PASSWORDS, SECOND_FACTOR, PASSKEYS, LOCKOUT, SESSIONS, DESKTOPS, KEYS, DOORS)
