"""The one exception the command line turns into a sentence."""


class LocalError(Exception):
    """The local environment cannot go on; the message says what to do."""
