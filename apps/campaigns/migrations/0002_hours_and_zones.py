from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="campaign",
            name="time_zone",
            field=models.CharField(
                choices=[
                    ("Europe/Kaliningrad", "Kaliningrad, UTC+2"),
                    ("Europe/Moscow", "Moscow, UTC+3"),
                    ("Europe/Samara", "Samara, UTC+4"),
                    ("Asia/Yekaterinburg", "Yekaterinburg, UTC+5"),
                    ("Asia/Omsk", "Omsk, UTC+6"),
                    ("Asia/Krasnoyarsk", "Krasnoyarsk, UTC+7"),
                    ("Asia/Irkutsk", "Irkutsk, UTC+8"),
                    ("Asia/Yakutsk", "Yakutsk, UTC+9"),
                    ("Asia/Vladivostok", "Vladivostok, UTC+10"),
                    ("Asia/Magadan", "Magadan, UTC+11"),
                    ("Asia/Kamchatka", "Kamchatka, UTC+12"),
                ],
                db_default="Europe/Moscow",
                default="Europe/Moscow",
                max_length=64,
                verbose_name="default time zone",
            ),
        ),
        migrations.AlterField(
            model_name="disposition",
            name="block_minutes",
            field=models.PositiveIntegerField(
                db_default=0,
                default=0,
                help_text="How long to wait before calling again; for results that ask for it.",
                verbose_name="block time, minutes",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "time_zone__in",
                        [
                            "Europe/Kaliningrad",
                            "Europe/Moscow",
                            "Europe/Samara",
                            "Asia/Yekaterinburg",
                            "Asia/Omsk",
                            "Asia/Krasnoyarsk",
                            "Asia/Irkutsk",
                            "Asia/Yakutsk",
                            "Asia/Vladivostok",
                            "Asia/Magadan",
                            "Asia/Kamchatka",
                        ],
                    )
                ),
                name="campaign_time_zone_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("weekday_from__lte", models.F("weekday_till")),
                    ("weekday_till", "00:00"),
                    _connector="OR",
                ),
                name="weekday_window_opens_before_it_closes",
                violation_error_message="Calls cannot end before they begin.",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("weekend_from__lte", models.F("weekend_till")),
                    ("weekend_till", "00:00"),
                    _connector="OR",
                ),
                name="weekend_window_opens_before_it_closes",
                violation_error_message="Calls cannot end before they begin.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="disposition",
            name="one_disposition_per_result",
            constraint=models.UniqueConstraint(
                fields=("campaign", "result"),
                name="one_disposition_per_result",
                violation_error_message="The campaign has this result already.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="disposition",
            name="redial_has_a_block_time",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("meaning", "REDIAL"), _negated=True),
                    ("block_minutes__gt", 0),
                    _connector="OR",
                ),
                name="redial_has_a_block_time",
                violation_error_message="To call again, give a block time of at least a minute.",
            ),
        ),
    ]
