"""What the guide to caching a new page says is done as it says, in a project of its own, and comes out as it says."""

import json
import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands import Command, free_port, kill_all, run

pytestmark = pytest.mark.embedded

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "cache-a-new-page.md"
# A process that writes, and reads what another one serves, with nothing in between.
STORY = """
import json, sys, urllib.error, urllib.request
from django.db import connection, transaction
from stores.models import Store

def read(path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
            return answer.status, answer.headers["X-Cache"], json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, None, None

def read_both():
    return read("/stores/berlin"), read("/stores")

def tell():
    yield read_both()
    berlin = Store.objects.create(slug="berlin", name="Berlin", opening_hours="9 to 5")
    yield read_both()
    yield read_both()
    berlin.opening_hours = "9 to 6"
    berlin.save()
    yield read_both()
    yield read_both()
    Store.objects.update(visitors=1)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE stores_store SET visitors = visitors + 1")
    yield read_both()
    with transaction.atomic():
        Store.objects.create(slug="rome", name="Rome", opening_hours="always")
    yield read_both()
    Store.objects.filter(slug="berlin").delete()
    yield read_both()
    yield read("/stores?page=2"), read("/api/v1/categories/tree")

def tell_of_the_list():
    return read("/stores")
"""
BERLIN = {"slug": "berlin", "name": "Berlin"}
ROME = {"slug": "rome", "name": "Rome"}


class Project:
    """The project of the guide, with servers of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.data_dir = directory / "data"
        path = os.pathsep.join(filter(None, [str(directory), os.environ.get("PYTHONPATH")]))
        self.settings = {"DJANGO_SETTINGS_MODULE": "shop.settings", "PYTHONPATH": path}
        for block in re.findall(r"^```python\n(.*?)^```", GUIDE.read_text(), re.DOTALL | re.MULTILINE):
            path = directory / re.match(r"# ([\w/]+\.py)", block)[1]
            path.parent.mkdir(exist_ok=True)
            path.write_text(block)
            (path.parent / "__init__.py").touch()

    def torg(self, *arguments: str) -> str:
        status, printed = run(self.data_dir, *arguments, **self.settings)
        assert status == 0, printed
        return printed

    def serve(self, port: int) -> Command:
        web = Command(self.data_dir, "web", "--port", str(port), **self.settings)
        return web.wait_for_port(port)

    def told(self, port: int, tale: str) -> list[Any]:
        path = self.directory / "told.json"
        (self.directory / "story.py").write_text(STORY)
        script = f"import json, story; story.port = {port}; told = story.{tale}()"
        script += f"; open({str(path)!r}, 'w').write(json.dumps(list(told)))"
        self.torg("manage", "shell", "-c", script)
        return json.loads(path.read_text())


@pytest.fixture
def project(tmp_path):
    made = Project(tmp_path)
    yield made
    kill_all(made.data_dir)


def test_the_pages_of_the_guide_are_never_stale_and_stay_where_nothing_of_them_changes(project):
    project.torg("manage", "makemigrations", "stores")
    migration = (project.directory / "stores/migrations/0001_initial.py").read_text()
    assert migration.count("name='announce_") == 4
    project.torg("migrate")
    assert "No changes" in project.torg("manage", "makemigrations", "--check", "--dry-run")

    port = free_port()
    web = project.serve(port)
    none = [404, None, None]
    berlin = {**BERLIN, "opening_hours": "9 to 5"}
    later = {**BERLIN, "opening_hours": "9 to 6"}
    assert project.told(port, "tell") == [
        [none, [200, "miss", {"results": []}]],
        [[200, "miss", berlin], [200, "miss", {"results": [BERLIN]}]],
        [[200, "hit", berlin], [200, "hit", {"results": [BERLIN]}]],
        [[200, "miss", later], [200, "miss", {"results": [BERLIN]}]],
        [[200, "hit", later], [200, "hit", {"results": [BERLIN]}]],
        [[200, "hit", later], [200, "hit", {"results": [BERLIN]}]],
        [[200, "hit", later], [200, "miss", {"results": [BERLIN, ROME]}]],
        [none, [200, "miss", {"results": [ROME]}]],
        [[400, None, None], [200, "miss", {"results": []}]],
    ]

    project.torg("cache", "invalidate", "stores")
    assert "navigation: completed, 3 of 3 documents" in project.torg("warm", "navigation")
    assert project.told(port, "tell_of_the_list") == [200, "hit", {"results": [ROME]}]
    assert web.signal(signal.SIGTERM).exit_status() == 0
