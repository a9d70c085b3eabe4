"""What is wrong with a command line, where the options, each by itself, are right."""


class UsageError(ValueError):
    """A command cannot be done as it was asked for; the text names the option, and says what to write instead."""
