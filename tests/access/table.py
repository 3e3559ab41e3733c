"""Who may do what: each operation of the system, and its outcome for each caller.

An operation is a method, a route as the URL resolver has it, and the object that it is about.
``test_access`` tries each, and fails for a route that has no row here.
"""

from tests.access.apis import FILES, READING, SECURITY, SYSTEM, WORKPLACE
from tests.access.back_office import (
    BACK_OFFICE,
    CASCADES,
    FLOOR,
    PEOPLE,
    REPORTS,
    UPLOADS,
    pages_of_rows,
)

TABLE = (
    *SYSTEM,
    *SECURITY,
    *WORKPLACE,
    *READING,
    *BACK_OFFICE,
    *pages_of_rows(),
    *PEOPLE,
    *CASCADES,
    *FLOOR,
    *REPORTS,
    *UPLOADS,
    *FILES,
)
