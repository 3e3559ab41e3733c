"""The columns of an operator's session are named as such state is named everywhere."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("telephony", "0001_initial")]

    operations = [
        migrations.RenameField("mightycallactiveoperator", "wish", "desired_revision"),
        migrations.RenameField("mightycallactiveoperator", "told_wish", "confirmed_revision"),
        migrations.RenameField("mightycallactiveoperator", "asked", "open_requested"),
        migrations.RenameField("mightycallactiveoperator", "trouble", "last_error"),
        migrations.AlterField(
            "mightycallactiveoperator",
            "last_error",
            models.CharField(
                db_default="", default="", max_length=255, verbose_name="last error"
            ),
        ),
    ]
