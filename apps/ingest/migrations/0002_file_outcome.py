"""What became of a file is its outcome; "verdict" is the word for what a cascade says."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ingest", "0001_initial")]

    operations = [
        migrations.RemoveConstraint("incomingfile", "file_verdict_is_known"),
        migrations.RemoveConstraint("incomingfile", "one_import_per_content"),
        migrations.RenameField("incomingfile", "verdict", "outcome"),
        migrations.AlterField(
            "incomingfile",
            "outcome",
            models.CharField(
                choices=[
                    ("IMPORTED", "imported"),
                    ("REPEATED", "imported before"),
                    ("REJECTED", "rejected"),
                ],
                max_length=16,
                verbose_name="outcome",
            ),
        ),
        migrations.AddConstraint(
            "incomingfile",
            models.CheckConstraint(
                condition=models.Q(outcome__in=["IMPORTED", "REPEATED", "REJECTED"]),
                name="file_outcome_is_known",
            ),
        ),
        migrations.AddConstraint(
            "incomingfile",
            models.UniqueConstraint(
                fields=["stream", "sha256"],
                condition=models.Q(outcome="IMPORTED"),
                name="one_import_per_content",
            ),
        ),
    ]
