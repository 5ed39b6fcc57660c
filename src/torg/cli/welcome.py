"""What ``torg up`` prints when the shop is there."""

import shlex

from django.conf import settings
from rich.console import Console
from rich.text import Text

from torg.lib.embedded import postgresql_url


def welcome(console: Console, login: tuple[str, str] | None) -> None:
    """Print where everything is: one line each, never broken, so that it can be copied."""
    environment = settings.ENVIRONMENT
    address = f"http://127.0.0.1:{environment.port}"
    console.print("\n[bold]Torg is up.[/bold]\n")
    _print_line(console, "API docs", f"{address}/api/docs")
    _print_line(console, "Products", f"{address}/api/v1/products")
    _print_line(console, "Back office", f"{address}/backoffice/")
    if login:
        _print_line(console, "", f"user {login[0]}, password {login[1]}")
    if environment.is_embedded_postgresql:
        _print_line(console, "Database", f"psql {shlex.quote(postgresql_url(environment.data_dir))}")
    _print_line(console, "Files", str(environment.data_dir))
    console.print("\nCtrl-C stops it all; the data stays.\n")


def _print_line(console: Console, label: str, value: str) -> None:
    console.print(Text.assemble("  ", (f"{label:<13}", "bold"), value))
