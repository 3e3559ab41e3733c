import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from common.models import keep_utime


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('campaigns', '0002_hours_and_zones'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BlacklistNotice',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('wtime', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('utime', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='updated')),
                ('entry_id', models.BigIntegerField(unique=True, verbose_name='do-not-call entry')),
            ],
            options={
                'verbose_name': 'notice to the blacklist',
                'verbose_name_plural': 'notices to the blacklist',
                'db_table': 'tm$blacklist_notices',
            },
        ),
        migrations.CreateModel(
            name='Application',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('wtime', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('utime', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='updated')),
                ('stream', models.CharField(max_length=64, verbose_name='stream')),
                ('file_id', models.BigIntegerField(verbose_name='file')),
                ('line_number', models.PositiveIntegerField(verbose_name='line')),
                ('application_number', models.CharField(max_length=32, verbose_name='application number')),
                ('created_at', models.DateTimeField(verbose_name='application created')),
                ('changed_at', models.DateTimeField(verbose_name='application changed')),
                ('application_status', models.CharField(max_length=16, verbose_name='application status')),
                ('loan_changed_at', models.DateTimeField(null=True, verbose_name='loan changed')),
                ('loan_status', models.CharField(db_default='', default='', max_length=16, verbose_name='loan status')),
                ('scoring_result', models.CharField(db_default='', default='', max_length=16, verbose_name='scoring result')),
                ('client_type', models.CharField(max_length=16, verbose_name='client type')),
                ('phone', models.CharField(max_length=15, verbose_name='phone')),
                ('face_id', models.CharField(db_default='', default='', max_length=255, verbose_name='face id')),
                ('citizenship', models.CharField(db_default='', default='', max_length=3, verbose_name='citizenship')),
                ('document_series', models.CharField(db_default='', default='', max_length=255, verbose_name='document series')),
                ('document_number', models.CharField(db_default='', default='', max_length=255, verbose_name='document number')),
                ('last_name', models.CharField(db_default='', default='', max_length=255, verbose_name='last name')),
                ('first_name', models.CharField(db_default='', default='', max_length=255, verbose_name='first name')),
                ('middle_name', models.CharField(db_default='', default='', max_length=255, verbose_name='middle name')),
                ('birth_date', models.DateField(null=True, verbose_name='date of birth')),
                ('sex', models.CharField(db_default='', default='', max_length=1, verbose_name='sex')),
                ('device_os', models.CharField(db_default='', default='', max_length=255, verbose_name='device OS')),
                ('app_version', models.CharField(db_default='', default='', max_length=255, verbose_name='app version')),
                ('device_id', models.CharField(db_default='', default='', max_length=255, verbose_name='device id')),
                ('desired_amount', models.DecimalField(decimal_places=2, max_digits=14, null=True, verbose_name='desired amount, rubles')),
                ('approved_amount', models.DecimalField(decimal_places=2, max_digits=14, null=True, verbose_name='approved amount, rubles')),
                ('product_type', models.CharField(db_default='', default='', max_length=255, verbose_name='product type')),
                ('term', models.IntegerField(null=True, verbose_name='term')),
                ('term_unit', models.CharField(db_default='', default='', max_length=8, verbose_name='unit of the term')),
                ('grace', models.IntegerField(null=True, verbose_name='grace period')),
                ('grace_unit', models.CharField(db_default='', default='', max_length=8, verbose_name='unit of the grace period')),
            ],
            options={
                'verbose_name': 'application',
                'verbose_name_plural': 'applications',
                'db_table': 'tm$applications',
                'indexes': [models.Index(fields=['phone'], name='application_of_phone')],
                'constraints': [models.UniqueConstraint(fields=('application_number', 'stream', 'changed_at', 'loan_changed_at', 'loan_status'), name='one_row_per_snapshot', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='BlacklistCheck',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('wtime', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('utime', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='updated')),
                ('phone', models.CharField(max_length=15, verbose_name='phone')),
                ('device_id', models.CharField(db_default='', default='', max_length=255, verbose_name='device id')),
                ('blocked', models.BooleanField(verbose_name='blocked')),
                ('checked_at', models.DateTimeField(verbose_name='checked')),
            ],
            options={
                'verbose_name': 'blacklist check',
                'verbose_name_plural': 'blacklist checks',
                'db_table': 'tm$blacklist_checks',
                'constraints': [models.UniqueConstraint(fields=('phone', 'device_id'), name='one_blacklist_check_per_client')],
            },
        ),
        migrations.CreateModel(
            name='Cascade',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('wtime', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('utime', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='updated')),
                ('settings', models.JSONField(verbose_name='settings')),
                ('version', models.PositiveIntegerField(db_default=1, default=1, verbose_name='version')),
                ('campaign', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='campaigns.campaign', verbose_name='campaign')),
            ],
            options={
                'verbose_name': 'filter cascade',
                'verbose_name_plural': 'filter cascades',
                'db_table': 'tm$cascades',
            },
        ),
        migrations.CreateModel(
            name='JudgementBatch',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('wtime', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('utime', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='updated')),
                ('file_id', models.BigIntegerField(verbose_name='file')),
                ('first_id', models.BigIntegerField()),
                ('last_id', models.BigIntegerField()),
                ('judged_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': 'batch',
                'verbose_name_plural': 'batches',
                'db_table': 'tm$judgement_batches',
                'indexes': [models.Index(condition=models.Q(('judged_at__isnull', True)), fields=['id'], name='batch_to_judge')],
            },
        ),
        migrations.CreateModel(
            name='CascadeRevision',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('wtime', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('utime', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='updated')),
                ('version', models.PositiveIntegerField(verbose_name='version')),
                ('settings', models.JSONField(verbose_name='settings')),
                ('author', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('cascade', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='revisions', to='filters.cascade')),
            ],
            options={
                'verbose_name': 'version of a cascade',
                'verbose_name_plural': 'versions of cascades',
                'db_table': 'tm$cascade_revisions',
                'constraints': [models.UniqueConstraint(fields=('cascade', 'version'), name='one_revision_per_version')],
            },
        ),
        migrations.CreateModel(
            name='Verdict',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('wtime', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('utime', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='updated')),
                ('state', models.CharField(choices=[('PASSED', 'passed'), ('STOPPED', 'stopped'), ('WAITING', 'waiting')], max_length=16, verbose_name='verdict')),
                ('rule', models.CharField(db_default='', default='', max_length=64, verbose_name='filter')),
                ('reason', models.TextField(db_default='', default='', verbose_name='reason')),
                ('settings_version', models.PositiveIntegerField(verbose_name='version of the settings')),
                ('next_try_at', models.DateTimeField(null=True, verbose_name='next try')),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='verdicts', to='filters.application')),
                ('campaign', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='campaigns.campaign', verbose_name='campaign')),
            ],
            options={
                'verbose_name': 'verdict',
                'verbose_name_plural': 'verdicts',
                'db_table': 'tm$verdicts',
                'indexes': [models.Index(condition=models.Q(('state', 'WAITING')), fields=['next_try_at'], name='verdict_to_try_again'), models.Index(fields=['campaign', 'wtime'], name='verdict_funnel')],
                'constraints': [models.UniqueConstraint(fields=('application', 'campaign'), name='one_verdict_per_campaign'), models.CheckConstraint(condition=models.Q(('state__in', ['PASSED', 'STOPPED', 'WAITING'])), name='verdict_state_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('next_try_at__isnull', False), ('state', 'WAITING')), models.Q(models.Q(('state', 'WAITING'), _negated=True), ('next_try_at__isnull', True)), _connector='OR'), name='only_waiting_verdicts_are_tried_again')],
            },
        ),
        *keep_utime(
            "tm$applications",
            "tm$blacklist_checks",
            "tm$blacklist_notices",
            "tm$cascades",
            "tm$judgement_batches",
            "tm$cascade_revisions",
            "tm$verdicts",
        ),
    ]
