"""Drops what nothing ever wrote: an outcome, a step of the ledger, the time of an answer."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0004_known_words'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='campaigntask',
            name='task_outcome_is_known',
        ),
        migrations.RemoveConstraint(
            model_name='decision',
            name='decision_step_is_known',
        ),
        migrations.RemoveConstraint(
            model_name='tasktransition',
            name='transition_outcome_is_known',
        ),
        migrations.RemoveField(
            model_name='call',
            name='answered_at',
        ),
        migrations.AlterField(
            model_name='campaigntask',
            name='outcome',
            field=models.CharField(choices=[('CALLED', 'called'), ('NOT_REACHED', 'not reached'), ('SUPERSEDED', 'superseded by a newer application'), ('EXHAUSTED', 'attempts exhausted'), ('FORBIDDEN', 'call forbidden')], max_length=32, null=True, verbose_name='outcome'),
        ),
        migrations.AlterField(
            model_name='decision',
            name='step',
            field=models.CharField(choices=[('FORMAT_CONTROL', 'format control'), ('FILTER', 'filter'), ('CALLING_HOURS', 'calling hours'), ('DO_NOT_CALL', 'do-not-call list'), ('GUARD', 'check before the call'), ('TELEPHONY', 'telephony'), ('RESULT', 'result of the conversation')], max_length=32, verbose_name='step'),
        ),
        migrations.AlterField(
            model_name='tasktransition',
            name='outcome',
            field=models.CharField(choices=[('CALLED', 'called'), ('NOT_REACHED', 'not reached'), ('SUPERSEDED', 'superseded by a newer application'), ('EXHAUSTED', 'attempts exhausted'), ('FORBIDDEN', 'call forbidden')], max_length=32, null=True, verbose_name='outcome'),
        ),
        migrations.AddConstraint(
            model_name='campaigntask',
            constraint=models.CheckConstraint(condition=models.Q(('outcome__isnull', True), ('outcome__in', ['CALLED', 'NOT_REACHED', 'SUPERSEDED', 'EXHAUSTED', 'FORBIDDEN']), _connector='OR'), name='task_outcome_is_known'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(('step__in', ['FORMAT_CONTROL', 'FILTER', 'CALLING_HOURS', 'DO_NOT_CALL', 'GUARD', 'TELEPHONY', 'RESULT'])), name='decision_step_is_known'),
        ),
        migrations.AddConstraint(
            model_name='tasktransition',
            constraint=models.CheckConstraint(condition=models.Q(('outcome__isnull', True), ('outcome__in', ['CALLED', 'NOT_REACHED', 'SUPERSEDED', 'EXHAUSTED', 'FORBIDDEN']), _connector='OR'), name='transition_outcome_is_known'),
        ),
    ]
