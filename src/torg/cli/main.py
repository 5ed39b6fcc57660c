"""The console script ``torg``. A command is a function in a file of its own; it is added here.

The files import nothing of the shop when they are imported, so that ``torg --help`` answers at once.
"""

import os
import signal
import sys
from types import FrameType

import typer
from django.core.exceptions import ImproperlyConfigured

from torg.cli.bench.command import bench
from torg.cli.cache import cache
from torg.cli.check import check
from torg.cli.demo import demo
from torg.cli.imports import export, import_
from torg.cli.manage import manage
from torg.cli.migrate import migrate
from torg.cli.prove import prove
from torg.cli.refusal import Refused
from torg.cli.up import up
from torg.cli.warm import warm
from torg.cli.web import web
from torg.cli.worker import worker
from torg.lib.embedded import EmbeddedServerFailed

PASSED_THROUGH = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}

app = typer.Typer(
    name="torg",
    help="A headless commerce backend. Begin with: torg up",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.command()(up)
app.command()(web)
app.command()(worker)
app.command()(migrate)
app.command()(demo)
app.command("import")(import_)
app.command()(export)
app.command()(warm)
app.add_typer(cache)
app.add_typer(prove, name="prove")
app.command()(bench)
app.command()(check)
app.command(context_settings=PASSED_THROUGH)(manage)


def main() -> None:
    """Run the command the arguments name: exit status 0, 1 for a refusal, 2 for wrong use."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "torg.config.settings")
    _end_in_order_on(signal.SIGTERM)
    _end_in_order_on(signal.SIGHUP)
    try:
        app()
    except (Refused, EmbeddedServerFailed, ImproperlyConfigured) as refusal:
        print(refusal, file=sys.stderr)
        sys.exit(1)


def _end_in_order_on(number: signal.Signals) -> None:
    """Let what is open be closed, the embedded servers among it, before the process ends."""
    if signal.getsignal(number) == signal.SIG_DFL:  # nohup has it ignored, and it stays so
        signal.signal(number, _exit)


def _exit(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
