import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from common.models import keep_utime


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='IncomingFile',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('wtime', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('utime', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='updated')),
                ('stream', models.CharField(max_length=64, verbose_name='stream')),
                ('name', models.CharField(max_length=255, verbose_name='name')),
                ('size', models.BigIntegerField(verbose_name='size, bytes')),
                ('modified_ns', models.BigIntegerField(verbose_name='modified, ns')),
                ('sha256', models.CharField(max_length=64, verbose_name='SHA-256')),
                ('rows', models.PositiveIntegerField(db_default=0, default=0, verbose_name='rows')),
                ('bad_rows', models.PositiveIntegerField(db_default=0, default=0, verbose_name='bad rows')),
                ('error_count', models.PositiveIntegerField(db_default=0, default=0, verbose_name='broken rules')),
                ('duplicates', models.PositiveIntegerField(db_default=0, default=0, verbose_name='duplicates')),
                ('started_at', models.DateTimeField(verbose_name='started')),
                ('finished_at', models.DateTimeField(verbose_name='finished')),
                ('verdict', models.CharField(choices=[('IMPORTED', 'imported'), ('REPEATED', 'imported before'), ('REJECTED', 'rejected')], max_length=16, verbose_name='verdict')),
                ('reason', models.TextField(db_default='', default='', verbose_name='reason')),
                ('moved_at', models.DateTimeField(null=True, verbose_name='moved')),
                ('moved_to', models.TextField(db_default='', default='', verbose_name='moved to')),
            ],
            options={
                'verbose_name': 'incoming file',
                'verbose_name_plural': 'incoming files',
                'db_table': 'tm$incoming_files',
                'indexes': [models.Index(condition=models.Q(('moved_at__isnull', True)), fields=['stream', 'name'], name='file_to_move')],
                'constraints': [models.CheckConstraint(condition=models.Q(('verdict__in', ['IMPORTED', 'REPEATED', 'REJECTED'])), name='file_verdict_is_known'), models.UniqueConstraint(condition=models.Q(('verdict', 'IMPORTED')), fields=('stream', 'sha256'), name='one_import_per_content')],
            },
        ),
        migrations.CreateModel(
            name='IncomingFileError',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('wtime', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('utime', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='updated')),
                ('line_number', models.PositiveIntegerField(verbose_name='line')),
                ('column', models.CharField(max_length=64, verbose_name='column')),
                ('value', models.TextField(verbose_name='value')),
                ('rule', models.TextField(verbose_name='rule')),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='errors', to='ingest.incomingfile')),
            ],
            options={
                'verbose_name': 'format error',
                'verbose_name_plural': 'format errors',
                'db_table': 'tm$incoming_file_errors',
            },
        ),
        *keep_utime(
            "tm$incoming_files",
            "tm$incoming_file_errors",
        ),
    ]
