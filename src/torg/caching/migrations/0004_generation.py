from django.db import migrations

# Which run of which database this is. PostgreSQL may hand out a transaction's number again after a crash, if nothing
# of it had reached the disk, and horizons of before mean something else then. Nothing it tells by itself changes with
# a crash; an unlogged table is emptied by it. A clean restart keeps both the table and the numbers.
GENERATION = """
CREATE UNLOGGED TABLE caching_run (
    is_the_only_one boolean PRIMARY KEY DEFAULT true CHECK (is_the_only_one),
    number uuid NOT NULL DEFAULT gen_random_uuid()
);

CREATE FUNCTION caching_generation() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    run uuid;
BEGIN
    SELECT number INTO run FROM caching_run;
    IF run IS NULL THEN
        INSERT INTO caching_run DEFAULT VALUES ON CONFLICT DO NOTHING;
        SELECT number INTO run FROM caching_run;
    END IF;
    RETURN concat_ws(
        ':',
        (SELECT system_identifier FROM pg_control_system()),
        (SELECT oid FROM pg_database WHERE datname = current_database()),
        left(pg_walfile_name(pg_current_wal_lsn()), 8),  -- the timeline
        run
    );
END;
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("caching", "0003_permissions")]

    operations = [
        migrations.RunSQL(
            GENERATION, "DROP FUNCTION caching_generation(); DROP TABLE caching_run;", elidable=False
        )
    ]
