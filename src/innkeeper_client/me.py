"""Who am I?"""

from innkeeper_client.steps import Steps, ask
from innkeeper_client.users import User
from innkeeper_client.verbs import Noun, Verb, Way


class Me(Noun[Way]):
    """The user to whom the API key belongs."""

    @Verb
    def get(self) -> Steps[User]:
        """Answer the user to whom the API key belongs."""
        return ask(User, "GET", "/me")
