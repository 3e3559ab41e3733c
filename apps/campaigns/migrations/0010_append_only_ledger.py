from django.db import migrations

from common.models import append_only, append_only_function


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0009_attention_of_judging")]

    operations = [append_only_function(), *append_only("tm$decisions")]
