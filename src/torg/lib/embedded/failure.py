"""What goes wrong with the embedded servers."""


class EmbeddedServerFailed(Exception):
    """A server cannot be started or stopped. The message says why, and what to do about it."""
