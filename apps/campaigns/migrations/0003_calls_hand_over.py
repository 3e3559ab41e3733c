from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0002_hours_and_zones"),
    ]

    operations = [
        migrations.AddField(
            model_name="call",
            name="handed_over_at",
            field=models.DateTimeField(null=True, verbose_name="handed to telephony"),
        ),
    ]
