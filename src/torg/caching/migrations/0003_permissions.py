from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("caching", "0002_warming_job")]

    operations = [
        migrations.AlterModelOptions(
            name="change",
            options={
                "managed": False,
                "default_permissions": (),
                "permissions": [
                    ("view_cache", "Can see how the cache does"),
                    ("invalidate_cache", "Can have documents built anew"),
                ],
            },
        ),
    ]
