"""What ``torg up`` prints when the shop is there."""

import shlex

from django.conf import settings
from rich import box
from rich.console import Console
from rich.table import Table

from torg.lib.embedded import postgresql_url


def welcome(console: Console, login: tuple[str, str] | None) -> None:
    """Print where everything is."""
    environment = settings.ENVIRONMENT
    address = f"http://127.0.0.1:{environment.port}"
    table = Table(title="Torg is up", show_header=False, box=box.ROUNDED)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("API docs", f"{address}/api/docs")
    table.add_row("Products", f"{address}/api/v1/products")
    table.add_row("Back office", f"{address}/backoffice/")
    if login:
        table.add_row("  sign in as", f"{login[0]}  password  {login[1]}")
    if environment.is_embedded_postgresql:
        table.add_row("Database", f"psql {shlex.quote(postgresql_url(environment.data_dir))}")
    table.add_row("Files", str(environment.data_dir))
    console.print(table)
    console.print("Ctrl-C stops it all; the data stays.")
