"""The answer of a request that was never sent gets the words that the code has for it now."""

from django.db import migrations

OLD, NEW = "taken back", "cancelled before it was sent"


def rename(old, new):
    def run(apps, schema_editor):
        tasks = apps.get_model("telephony", "MightyCallTask").objects
        tasks.filter(answer=old).update(answer=new)

    return run


class Migration(migrations.Migration):
    dependencies = [("telephony", "0002_plain_words")]

    operations = [migrations.RunPython(rename(OLD, NEW), rename(NEW, OLD))]
