import django.db.models.functions.datetime
from django.db import migrations, models

from common.models import keep_utime

# Append-only in the database itself, whoever writes. A record is sealed once, and so an UPDATE that
# fills in its place in the chain, and nothing else, is let through.
CREATE_TRIGGERS = """
CREATE FUNCTION tm_access_log_starts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.wtime := clock_timestamp();
    NEW.position := NULL;
    NEW.seal := NULL;
    RETURN NEW;
END $$;
CREATE FUNCTION tm_access_log_is_sealed_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.position IS NOT NULL OR NEW.position IS NULL
        OR to_jsonb(NEW) - '{position,seal}'::text[] <> to_jsonb(OLD) - '{position,seal}'::text[]
    THEN
        RAISE EXCEPTION 'tm$access_log is append-only' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION tm_access_log_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'tm$access_log is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER access_log_starts BEFORE INSERT ON "tm$access_log"
    FOR EACH ROW EXECUTE FUNCTION tm_access_log_starts();
-- its name puts it before keep_utime, which changes utime
CREATE TRIGGER access_log_is_sealed_once BEFORE UPDATE ON "tm$access_log"
    FOR EACH ROW EXECUTE FUNCTION tm_access_log_is_sealed_once();
CREATE TRIGGER access_log_stays BEFORE DELETE ON "tm$access_log"
    FOR EACH STATEMENT EXECUTE FUNCTION tm_access_log_stays();
CREATE TRIGGER access_log_stays_whole BEFORE TRUNCATE ON "tm$access_log"
    FOR EACH STATEMENT EXECUTE FUNCTION tm_access_log_stays();
"""
DROP_FUNCTIONS = """
DROP FUNCTION tm_access_log_starts(), tm_access_log_is_sealed_once(), tm_access_log_stays() CASCADE
"""


class Migration(migrations.Migration):

    dependencies = [
        ('security', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='AccessRecord',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('wtime', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('utime', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='updated')),
                ('operator_id', models.BigIntegerField(null=True, verbose_name='operator')),
                ('role', models.CharField(choices=[('OPERATOR', 'operator'), ('SENIOR_OPERATOR', 'senior operator'), ('ADMINISTRATOR', 'administrator')], max_length=32, null=True, verbose_name='role')),
                ('address', models.GenericIPAddressField(null=True, verbose_name='address')),
                ('action', models.CharField(choices=[('LOGGED_IN', 'logged in'), ('LOG_IN_FAILED', 'log-in failed'), ('LOGGED_OUT', 'logged out'), ('LOCKED', 'operator locked'), ('UNLOCKED', 'operator unlocked'), ('CARD_OPENED', 'client card opened'), ('NUMBER_REVEALED', 'number revealed'), ('PAGE_OPENED', 'page opened'), ('SEARCHED', 'searched')], max_length=32, verbose_name='action')),
                ('subject', models.CharField(db_default='', default='', max_length=64, verbose_name='object')),
                ('subject_id', models.BigIntegerField(null=True, verbose_name='number')),
                ('position', models.BigIntegerField(null=True, unique=True, verbose_name='position')),
                ('seal', models.CharField(max_length=64, null=True, verbose_name='seal')),
            ],
            options={
                'verbose_name': 'access',
                'verbose_name_plural': 'access log',
                'db_table': 'tm$access_log',
                'indexes': [models.Index(condition=models.Q(('position__isnull', True)), fields=['id'], name='access_unsealed'), models.Index(fields=['operator_id', '-id'], name='access_of_operator'), models.Index(fields=['subject', 'subject_id', '-id'], name='access_of_subject'), models.Index(fields=['wtime'], name='access_by_time')],
                'constraints': [models.CheckConstraint(condition=models.Q(('action__in', ['LOGGED_IN', 'LOG_IN_FAILED', 'LOGGED_OUT', 'LOCKED', 'UNLOCKED', 'CARD_OPENED', 'NUMBER_REVEALED', 'PAGE_OPENED', 'SEARCHED'])), name='access_is_known'), models.CheckConstraint(condition=models.Q(('role__isnull', True), ('role__in', ['OPERATOR', 'SENIOR_OPERATOR', 'ADMINISTRATOR']), _connector='OR'), name='access_role_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('position__isnull', True), ('seal__isnull', True)), models.Q(('position__gte', 1), ('seal__isnull', False)), _connector='OR'), name='sealed_access_has_a_position')],
            },
        ),
        migrations.RunSQL(CREATE_TRIGGERS, DROP_FUNCTIONS),
        *keep_utime("tm$access_log"),
    ]
