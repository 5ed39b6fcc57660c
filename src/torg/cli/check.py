"""``torg check``: say whether all is well with this installation."""

from collections.abc import Callable

import typer
from rich.console import Console

from torg.cli.refusal import Refused
from torg.cli.setup import ensure_postgresql_answers, ensure_schema_is_current, shop_running


def check() -> None:
    """Check the settings, the connections and the schema; one line each, exit status 1 if anything is wrong.

    Example: [bold]torg check[/bold]
    """
    with shop_running():
        checks: dict[str, Callable[[], None]] = {
            "PostgreSQL": ensure_postgresql_answers,
            "Redis": _ensure_redis_answers,
            "migrations": ensure_schema_is_current,
            "deployment": _ensure_deployment_is_safe,
        }
        results = [_is_well(name, ensure) for name, ensure in checks.items()]
    if not all(results):
        raise typer.Exit(1)


def _is_well(name: str, ensure: Callable[[], None]) -> bool:
    console = Console(highlight=False, soft_wrap=True)
    try:
        ensure()
    except Refused as refusal:
        for line in str(refusal).splitlines():
            console.print(f"[red]wrong[/red]  {name}: ", end="")
            console.print(line, markup=False)
        return False
    console.print(f"[green]ok[/green]     {name}")
    return True


def _ensure_redis_answers() -> None:
    from torg.caching.redis import RedisAway, ensure_redis_answers

    try:
        ensure_redis_answers()
    except RedisAway as away:
        raise Refused(f"Redis cannot be used: {away}. Look at REDIS_URL.") from away


def _ensure_deployment_is_safe() -> None:
    from django.core.checks import WARNING, run_checks

    found = [message for message in run_checks(include_deployment_checks=True) if message.is_serious(WARNING)]
    lines = [
        f"{message.id}: {message.msg} {message.hint or ''}".strip()
        for message in found
        if not message.is_silenced()
    ]
    if lines:
        raise Refused("\n".join(lines))
