"""The table of changes, and the one function that writes to it.

Triggers call ``caching_record`` with the names of what a statement changed, which are called tags.
"""

import django.contrib.postgres.fields
import torg.caching.change
from django.db import migrations, models

# Every write pays for what this table has. So it has no key, for nothing refers to a change, and one index, for the ranges
# of transactions that `torg.caching.changes` asks for. It is not UNLOGGED, as `caching_run` is: a prepared transaction
# outlives a crash, and its changes must, too.
TABLE = """
    CREATE TABLE caching_change (
        xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
        tags text[] NOT NULL,
        created_at timestamptz NOT NULL DEFAULT statement_timestamp()
    );
    CREATE INDEX caching_change_xid ON caching_change (xid);
"""

# Of a kind of tags, which is what stands before the first colon, a change names at most 1,000; of more it says
# `kind:*`. The writer is told by INFO, which is sent whatever `client_min_messages` says. Those who only see
# it on their screen are spared. It returns what it recorded, so that a trigger calls it by an assignment: with a query of
# its own, the writer would be sent the text of that, too.
FUNCTION = """
    CREATE FUNCTION caching_record(changed text[]) RETURNS text[] LANGUAGE plpgsql AS $$
    DECLARE
        told text[];
    BEGIN
        IF cardinality(changed) <= 1000 THEN
            -- Distinct and sorted. This is no query, and so costs a tenth of one: most changes have a few tags.
            told := tsvector_to_array(array_to_tsvector(array_remove(changed, NULL)));
        ELSE
            told := ARRAY(
                SELECT DISTINCT CASE
                    WHEN count(*) OVER (PARTITION BY kind) > 1000 THEN COALESCE(kind || ':*', tag) ELSE tag
                END
                FROM (
                    SELECT DISTINCT tag, substring(tag FROM '^([^:]*):') AS kind
                    FROM unnest(changed) AS tag WHERE tag IS NOT NULL
                ) AS named
                ORDER BY 1
            );
        END IF;
        IF cardinality(told) > 0 THEN
            INSERT INTO caching_change (tags) VALUES (told);
            IF current_setting('application_name') NOT IN ('psql', 'pg_dump', 'pg_restore') THEN
                RAISE INFO 'torg.change % %', pg_current_xact_id(), array_to_string(told, ' ');
            END IF;
        END IF;
        RETURN told;
    END;
    $$;
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Change',
            fields=[
                ('place', torg.caching.change.PlaceField(db_column='ctid', editable=False, primary_key=True, serialize=False)),
                ('xid', torg.caching.change.TransactionIdField(editable=False)),
                ('tags', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), editable=False, size=None)),
                ('created_at', models.DateTimeField(editable=False)),
            ],
            options={
                'managed': False,
                'default_permissions': (),
            },
        ),
        migrations.RunSQL(TABLE, "DROP TABLE caching_change"),
        migrations.RunSQL(FUNCTION, "DROP FUNCTION caching_record(text[])"),
    ]
