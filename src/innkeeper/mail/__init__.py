"""The mail room: letters in the reader's language, and how they are handed to a mail server."""
