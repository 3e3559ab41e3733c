import django.db.models.functions.datetime
from django.db import migrations, models

from common.models import keep_utime


class Migration(migrations.Migration):

    dependencies = [
        ('ingest', '0002_file_outcome'),
    ]

    operations = [
        migrations.CreateModel(
            name='DataStream',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('wtime', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('utime', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='updated')),
                ('name', models.CharField(max_length=64, unique=True, verbose_name='name')),
                ('description', models.JSONField(verbose_name='description')),
            ],
            options={
                'verbose_name': 'data stream',
                'verbose_name_plural': 'data streams',
                'db_table': 'tm$data_streams',
            },
        ),
        migrations.AddField(
            model_name='incomingfile',
            name='grown_to',
            field=models.BigIntegerField(null=True, verbose_name='grown to, bytes'),
        ),
        migrations.AddField(
            model_name='incomingfileerror',
            name='application_number',
            field=models.CharField(db_default='', default='', max_length=32, verbose_name='application number'),
        ),
        migrations.AddIndex(
            model_name='incomingfile',
            index=models.Index(fields=['stream', 'finished_at'], name='file_of_stream'),
        ),
        migrations.AddIndex(
            model_name='incomingfile',
            index=models.Index(condition=models.Q(('grown_to__isnull', False)), fields=['stream'], name='file_that_grew'),
        ),
        migrations.AddIndex(
            model_name='incomingfileerror',
            index=models.Index(condition=models.Q(('application_number', ''), _negated=True), fields=['application_number'], name='error_of_application'),
        ),
        *keep_utime("tm$data_streams"),
    ]
