"""What ``torg up`` does when it runs for the first time on the embedded PostgreSQL."""

import secrets
from pathlib import Path

from django.conf import settings
from rich.console import Console

DEMO_USER = "demo"


def fill_once(console: Console) -> None:
    """Fill the demo shop once ever, on the embedded PostgreSQL; one that was interrupted is continued."""
    from torg.imports.demo import ShopIsNotEmpty, create_demo_shop

    environment = settings.ENVIRONMENT
    filled = environment.data_dir / "demo-shop"
    if not environment.is_embedded_postgresql or filled.exists():
        return
    console.print("Filling the demo shop …")
    try:
        shop = create_demo_shop()
    except ShopIsNotEmpty:
        console.print("There is a shop already; it stays as it is.")
    else:
        console.print(f"Filled it with {shop.products} products in {shop.categories} categories.")
    filled.touch()


def demo_login() -> tuple[str, str] | None:
    """Return the name and password of the demo's superuser, who is made if there is no superuser yet.

    None on a PostgreSQL of the operator's own, where none is made, and once the password was changed.
    """
    from django.contrib.auth import get_user_model

    environment = settings.ENVIRONMENT
    if not environment.is_embedded_postgresql:
        return None
    people = get_user_model().objects
    password = _kept_password(environment.data_dir / "demo-login")
    if not people.filter(is_superuser=True).exists():
        people.create_superuser(DEMO_USER, f"{DEMO_USER}@example.com", password)
    user = people.filter(username=DEMO_USER).first()
    is_current = user is not None and user.check_password(password)
    return (DEMO_USER, password) if is_current else None


def _kept_password(path: Path) -> str:
    """Return the password kept in the file ``path``; it is made, readable for us alone, if there is none.

    It is written beside its place and moved there when it is complete: whoever is killed leaves none, or all.
    """
    kept = path.read_text().strip() if path.exists() else ""
    if kept:
        return kept
    password = secrets.token_urlsafe(12)
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(password)
    draft.replace(path)
    return password
