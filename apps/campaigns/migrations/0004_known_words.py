import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0003_calls_hand_over'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='communication',
            name='disposition',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='campaigns.disposition', verbose_name='disposition'),
        ),
        migrations.AddConstraint(
            model_name='call',
            constraint=models.CheckConstraint(condition=models.Q(('hung_up_by__isnull', True), ('hung_up_by__in', ['CLIENT', 'OPERATOR', 'SYSTEM']), _connector='OR'), name='call_ender_is_known'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(('step__in', ['FORMAT_CONTROL', 'FILTER', 'ENGINE', 'CALLING_HOURS', 'DO_NOT_CALL', 'GUARD', 'TELEPHONY', 'RESULT'])), name='decision_step_is_known'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(('verdict__in', ['PASSED', 'STOPPED', 'WAITING'])), name='decision_verdict_is_known'),
        ),
        migrations.AddConstraint(
            model_name='tasktransition',
            constraint=models.CheckConstraint(condition=models.Q(('from_state__isnull', True), ('from_state__in', ['NEW', 'IN_PROGRESS', 'DONE']), _connector='OR'), name='transition_origin_is_known'),
        ),
        migrations.AddConstraint(
            model_name='tasktransition',
            constraint=models.CheckConstraint(condition=models.Q(('to_state__in', ['NEW', 'IN_PROGRESS', 'DONE'])), name='transition_target_is_known'),
        ),
        migrations.AddConstraint(
            model_name='tasktransition',
            constraint=models.CheckConstraint(condition=models.Q(('outcome__isnull', True), ('outcome__in', ['CALLED', 'NOT_REACHED', 'SUPERSEDED', 'CANCELLED', 'EXHAUSTED', 'FORBIDDEN']), _connector='OR'), name='transition_outcome_is_known'),
        ),
    ]
