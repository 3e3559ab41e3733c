import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from common.models import keep_utime


class Migration(migrations.Migration):

    dependencies = [
        ('security', '0003_session_epoch'),
    ]

    operations = [
        migrations.CreateModel(
            name='SecondFactor',
            fields=[
                ('name', models.CharField(help_text='The human-readable name of this device.', max_length=64)),
                ('confirmed', models.BooleanField(default=True, help_text='Is this device ready for use?')),
                ('throttling_failure_timestamp', models.DateTimeField(blank=True, default=None, help_text='A timestamp of the last failed verification attempt. Null if last attempt succeeded.', null=True)),
                ('throttling_failure_count', models.PositiveIntegerField(default=0, help_text='Number of successive failed attempts.')),
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('wtime', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('utime', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='updated')),
                ('secret', models.CharField(max_length=256)),
                ('last_step', models.BigIntegerField(default=-1)),
                ('recovery_digests', models.JSONField(default=list)),
            ],
            options={
                'verbose_name': 'second factor',
                'verbose_name_plural': 'second factors',
                'db_table': 'tm$second_factors',
            },
        ),
        migrations.RemoveConstraint(
            model_name='accessrecord',
            name='access_is_known',
        ),
        migrations.AlterField(
            model_name='accessrecord',
            name='action',
            field=models.CharField(choices=[('LOGGED_IN', 'logged in'), ('LOG_IN_FAILED', 'log-in failed'), ('LOGGED_OUT', 'logged out'), ('LOCKED', 'operator locked'), ('UNLOCKED', 'operator unlocked'), ('CARD_OPENED', 'client card opened'), ('NUMBER_REVEALED', 'number revealed'), ('SECOND_FACTOR_SET', 'second factor set up'), ('SECOND_FACTOR_FAILED', 'wrong code of the second factor'), ('SECOND_FACTOR_RESET', 'second factor reset'), ('PAGE_OPENED', 'page opened'), ('SEARCHED', 'searched')], max_length=32, verbose_name='action'),
        ),
        migrations.AddConstraint(
            model_name='accessrecord',
            constraint=models.CheckConstraint(condition=models.Q(('action__in', ['LOGGED_IN', 'LOG_IN_FAILED', 'LOGGED_OUT', 'LOCKED', 'UNLOCKED', 'CARD_OPENED', 'NUMBER_REVEALED', 'SECOND_FACTOR_SET', 'SECOND_FACTOR_FAILED', 'SECOND_FACTOR_RESET', 'PAGE_OPENED', 'SEARCHED'])), name='access_is_known'),
        ),
        migrations.AddField(
            model_name='secondfactor',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='secondfactor',
            constraint=models.UniqueConstraint(fields=('user',), name='one_second_factor_each'),
        ),
        *keep_utime("tm$second_factors"),
    ]
