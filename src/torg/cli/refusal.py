"""How a command says no."""


class Refused(Exception):
    """A command cannot do what was asked. Its message, of one or more lines, is printed; exit status 1."""
