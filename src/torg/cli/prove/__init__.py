"""``torg prove``: what Torg promises, tried out under load and with everything failing that can fail."""

from torg.cli.prove.command import prove

__all__ = ["prove"]
