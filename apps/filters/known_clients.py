"""The directory of clients: who has applied, with which phone.

A row for each person at each phone. It is written from the applications of a batch when the batch
is judged, so the import of files pays for none of its indexes.
"""

from collections.abc import Collection, Sequence

from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Right

from apps.filters.models import Application, JudgementBatch, KnownClient
from apps.filters.types import ApplicationStatus, FoundApplication, FoundClient
from common.phones import masked

# The name as it is compared: upper case, one space between words, Ё as Е. `name_key` says the same.
NAME_KEY = r"""
replace(upper(trim(regexp_replace(
    last_name || ' ' || first_name || ' ' || middle_name, '\s+', ' ', 'g'
))), 'Ё', 'Е')
"""
MOST_OF_A_NAME = 500  # more than anybody looks through
# in the order of the key, so that two such writers never deadlock
ADD = f"""
INSERT INTO "tm$known_clients" (phone, name_key, last_name, first_name, middle_name)
SELECT DISTINCT ON (phone, name_key) phone, name_key, last_name, first_name, middle_name
FROM (
    SELECT phone, last_name, first_name, middle_name, {NAME_KEY} AS name_key
    FROM "tm$applications" WHERE id BETWEEN %s AND %s AND file_id = %s
) AS applied
ORDER BY phone, name_key
ON CONFLICT (phone, name_key) DO NOTHING
"""  # noqa: S608 - our own expression


def add_clients_of(batch: JudgementBatch) -> None:
    """Add the clients of these applications who are not known yet, in the caller's transaction, of
    which it is the last step."""
    with connection.cursor() as cursor:
        cursor.execute(ADD, [batch.first_id, batch.last_id, batch.file_id])


def name_key(words: Sequence[str]) -> str:
    """These words of a name as ``KnownClient.name_key`` has them."""
    return " ".join(words).upper().replace("Ё", "Е")


def find_client(client_id: int) -> FoundClient | None:
    """The client with this number, or None."""
    row = KnownClient.objects.filter(pk=client_id).first()
    return _found(row) if row else None


def known_client_id(application: Application) -> int | None:
    """The number of this application's client; None until the application is judged."""
    words = (application.last_name, application.first_name, application.middle_name)
    same = KnownClient.objects.filter(
        phone=application.phone, name_key=name_key(" ".join(words).split())
    )
    return same.values_list("pk", flat=True).first()


def clients_of_phones(phones: Collection[str], limit: int, skip: int = 0) -> list[FoundClient]:
    """The clients with these phones."""
    return _rows(KnownClient.objects.filter(phone__in=phones), limit, skip)


def clients_of_digits(digits: str, limit: int, skip: int = 0) -> list[FoundClient]:
    """The clients whose phones end in these digits, of which there are four or more."""
    rows = KnownClient.objects.alias(last_four=Right("phone", 4)).filter(last_four=digits[-4:])
    return _rows(rows.filter(phone__endswith=digits) if len(digits) > 4 else rows, limit, skip)


def clients_of_name(words: Sequence[str], limit: int, skip: int = 0) -> list[FoundClient]:
    """The clients whose names begin so: the last name, then the others, each in full but the last;
    or with the first name in front. Of very many some are found: ``MOST_OF_A_NAME``."""
    begins = {name_key(words), name_key([words[-1], *words[:-1]])}
    found: dict[int, KnownClient] = {}
    for begin in sorted(begins):
        # in no order, so that PostgreSQL stops after these: half a million may be called Ivanov
        rows = KnownClient.objects.filter(name_key__startswith=begin)[:MOST_OF_A_NAME]
        found |= {row.pk: row for row in rows}
    in_order = sorted(found.values(), key=lambda row: (row.name_key, row.pk))
    return [_found(row) for row in in_order[skip : skip + limit]]


def applications_of_number(number: str, limit: int, skip: int = 0) -> list[FoundApplication]:
    """The snapshots of the application with this number, newest first."""
    rows = Application.objects.filter(application_number=number)
    return _applications(rows.order_by("-changed_at", "-pk"), limit, skip)


def applications_of_phones(
    phones: Collection[str], limit: int, skip: int = 0
) -> list[FoundApplication]:
    """The snapshots of the applications with these phones, newest first."""
    rows = Application.objects.filter(phone__in=phones)
    return _applications(rows.order_by("-changed_at", "-pk"), limit, skip)


def _rows(rows: QuerySet[KnownClient], limit: int, skip: int) -> list[FoundClient]:
    return [_found(row) for row in rows.order_by("-pk")[skip : skip + limit]]


def _found(row: KnownClient) -> FoundClient:
    return FoundClient(id=row.pk, phone=row.phone, masked_phone=masked(row.phone), name=_name(row))


def _applications(rows: QuerySet[Application], limit: int, skip: int) -> list[FoundApplication]:
    return [
        FoundApplication(
            id=row.pk,
            number=row.application_number,
            phone=row.phone,
            masked_phone=masked(row.phone),
            name=_name(row),
            stream=row.stream,
            status=str(dict(ApplicationStatus.choices).get(row.application_status, "")),
            changed_at=row.changed_at,
            stored_at=row.wtime,
            file_id=row.file_id,
            line=row.line_number,
        )
        for row in rows[skip : skip + limit]
    ]


def _name(row: KnownClient | Application) -> str:
    return " ".join(filter(None, (row.last_name, row.first_name, row.middle_name)))
