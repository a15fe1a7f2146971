"""The words for kinds and states of mails."""

from innkeeper.domain.mails import MailKind, MailState
from innkeeper.domain.texts import N_

KINDS = {
    MailKind.INVITATION: N_("Invitation"),
    MailKind.PASSWORD_RESET: N_("New password asked for"),
    MailKind.EMAIL_CODE: N_("Sign-in code"),
    MailKind.NEW_DEVICE: N_("New device"),
    MailKind.PASSWORD_CHANGED: N_("Password changed"),
    MailKind.PASSWORD_EXPIRING: N_("Password runs out"),
    MailKind.FACTOR_ADDED: N_("Second factor added"),
    MailKind.FACTOR_REMOVAL_ASKED: N_("Removal of a second factor"),
    MailKind.FACTOR_REMOVED: N_("Second factor removed"),
    MailKind.FACTORS_RESET: N_("Second factors reset"),
    MailKind.SSH_KEY_ADDED: N_("SSH key added"),
    MailKind.API_KEY_CREATED: N_("API key made"),
    MailKind.TWO_FACTOR_ENDING: N_("Second factors no longer required"),
    MailKind.FILES_CHANGED: N_("News of a folder"),
}
STATES = {
    MailState.QUEUED: N_("Waiting"),
    MailState.SENDING: N_("On its way"),
    MailState.SENT: N_("Sent"),
    MailState.FAILED: N_("Failed"),
    MailState.UNSENT: N_("Not sent"),
}
