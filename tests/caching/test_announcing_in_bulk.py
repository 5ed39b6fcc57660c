"""How rows that were and rows that are find each other, in the one plan that a connection keeps for all statements."""

import pytest
from django.db import connection

from torg.caching.triggers import announce

pytestmark = pytest.mark.django_db

# Like a trigger of ours, but it shows the plan that it would keep.
WATCHED = """
CREATE TABLE watched (id int PRIMARY KEY, parent_id int, name text);
CREATE TABLE plan (line text);
INSERT INTO watched SELECT n, n, 'a' FROM generate_series(1, 10) AS n;
CREATE FUNCTION explain_announcement() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    shown text;
BEGIN
    FOR shown IN EXPLAIN (COSTS off) {query} LOOP
        INSERT INTO plan VALUES (shown);
    END LOOP;
    RETURN NULL;
END;
$$;
CREATE TRIGGER explain_announcement AFTER UPDATE ON watched
    REFERENCING OLD TABLE AS old_values NEW TABLE AS new_values
    FOR EACH STATEMENT EXECUTE FUNCTION explain_announcement();
UPDATE watched SET name = 'b' WHERE id = 1;
SELECT string_agg(line, E'\n') FROM plan;
"""


def queries():
    """Return what a trigger asks the rows for: whether any changed, whether any arrived, which tags they have."""
    updated = announce(
        key="id",
        tags="SELECT name FROM changed",
        first="now()",
        parent="parent_id",
        locks=["SELECT FROM watched WHERE id IN (SELECT parent_id FROM arrived) FOR KEY SHARE"],
    )[1]
    return [
        line.split(";")[0].removeprefix("IF NOT EXISTS (").removeprefix("IF EXISTS (").partition(") THEN")[0]
        if line.startswith("IF")
        else line.removeprefix("found := ARRAY(").removesuffix(");")
        for line in map(str.strip, updated.func.splitlines())
        if "old_values" in line
    ]


@pytest.mark.parametrize("number", range(3))
def test_old_and_new_rows_are_never_compared_each_with_each(number):
    assert len(queries()) == 3
    with connection.cursor() as cursor:
        cursor.execute(WATCHED.format(query=queries()[number]))
        while cursor.description is None:
            assert cursor.nextset()
        (plan,) = cursor.fetchone()
    assert "Full Join" in plan
