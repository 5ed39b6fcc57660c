"""What goes wrong with the embedded servers."""


class EmbeddedServerFailed(Exception):  # noqa: N818  (a sentence for the operator, not a defect)
    """A server cannot be started or stopped. The message says why, and what to do about it."""
