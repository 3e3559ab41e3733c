import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from common.models import keep_utime, keep_utime_function


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Operator",
            fields=[
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "wtime",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="created",
                    ),
                ),
                (
                    "utime",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="updated",
                    ),
                ),
                ("login", models.CharField(max_length=64, unique=True, verbose_name="login")),
                ("password", models.CharField(max_length=256, verbose_name="password")),
                (
                    "locked",
                    models.BooleanField(db_default=False, default=False, verbose_name="locked"),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("OPERATOR", "operator"),
                            ("SENIOR_OPERATOR", "senior operator"),
                            ("ADMINISTRATOR", "administrator"),
                        ],
                        db_default="OPERATOR",
                        default="OPERATOR",
                        max_length=32,
                        verbose_name="role",
                    ),
                ),
                ("first_name", models.CharField(max_length=32, verbose_name="first name")),
                ("last_name", models.CharField(max_length=32, verbose_name="last name")),
            ],
            options={
                "verbose_name": "operator",
                "verbose_name_plural": "operators",
                "db_table": "tm$operators",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("role__in", ["OPERATOR", "SENIOR_OPERATOR", "ADMINISTRATOR"])
                        ),
                        name="operator_role_is_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OperatorAuth",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "wtime",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="created",
                    ),
                ),
                (
                    "utime",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="updated",
                    ),
                ),
                ("exp_date", models.DateTimeField(verbose_name="valid until")),
                (
                    "token",
                    models.CharField(
                        max_length=512, unique=True, verbose_name="digest of the token"
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="auths",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "token",
                "verbose_name_plural": "tokens",
                "db_table": "tm$operator_auths",
                "indexes": [models.Index(fields=["exp_date"], name="operator_auth_expiry")],
            },
        ),
        keep_utime_function(),
        *keep_utime(
            "tm$operators",
            "tm$operator_auths",
        ),
    ]
