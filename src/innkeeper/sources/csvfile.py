"""CSV files of users: how they are read, and how failed rows go back."""


def template() -> str:
    """An example file with every column, for people to fill in."""
    raise NotImplementedError
