import django.db.models.functions.comparison
import django.db.models.functions.text
import django.db.models.lookups
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """New rows are checked from now on. The next migration looks at those that are there, since
    that must not happen under the lock that this one takes."""

    dependencies = [
        ('filters', '0002_dry_runs'),
    ]

    operations = [
        AddConstraintNotValid(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(('application_number__regex', '^[0-9]+$')), name='application_number_is_digits'),
        ),
        AddConstraintNotValid(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(django.db.models.lookups.Exact(django.db.models.functions.text.Length('phone'), 11), django.db.models.lookups.GreaterThanOrEqual(django.db.models.functions.comparison.Cast('phone', models.BigIntegerField()), 70000000000), django.db.models.lookups.LessThan(django.db.models.functions.comparison.Cast('phone', models.BigIntegerField()), 80000000000)), name='application_phone_is_eleven_digits'),
        ),
        AddConstraintNotValid(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(('changed_at__gte', models.F('created_at'))), name='application_changed_after_it_was_created'),
        ),
        AddConstraintNotValid(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(('application_status__in', ['created', 'registered', 'scored', 'canceled'])), name='application_status_is_known'),
        ),
        AddConstraintNotValid(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(('loan_status__in', ['', 'transferred', 'received', 'canceled', 'repaid'])), name='loan_status_is_known'),
        ),
        AddConstraintNotValid(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(('scoring_result__in', ['', 'approved', 'rejected'])), name='scoring_result_is_known'),
        ),
        AddConstraintNotValid(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(('scoring_result', ''), ('application_status', 'scored'), _connector='OR'), name='only_scored_applications_have_a_result'),
        ),
        AddConstraintNotValid(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(('client_type__in', ['pioneer', 'repeater'])), name='client_type_is_known'),
        ),
        AddConstraintNotValid(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(('sex__in', ['', 'M', 'F'])), name='sex_is_known'),
        ),
        AddConstraintNotValid(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('desired_amount__gte', 0), ('desired_amount__isnull', True), _connector='OR'), models.Q(('approved_amount__gte', 0), ('approved_amount__isnull', True), _connector='OR')), name='amounts_are_not_negative'),
        ),
        AddConstraintNotValid(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('term__gte', 0), ('term__isnull', True), _connector='OR'), models.Q(('grace__gte', 0), ('grace__isnull', True), _connector='OR')), name='terms_are_not_negative'),
        ),
        AddConstraintNotValid(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(('term_unit__in', ['', 'day', 'month']), ('grace_unit__in', ['', 'day', 'month'])), name='units_of_terms_are_known'),
        ),
    ]
