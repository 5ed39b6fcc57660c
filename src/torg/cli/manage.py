"""``torg manage``: Django's own commands."""

import typer

from torg.cli.setup import shop_running


def manage(context: typer.Context) -> None:
    """Run a command of Django's, such as shell, dbshell or createsuperuser, with the servers running.

    Examples: [bold]torg manage help[/bold] · [bold]torg manage createsuperuser[/bold]
    """
    from django.core.management import execute_from_command_line

    with shop_running():
        execute_from_command_line(["torg manage", *context.args])
