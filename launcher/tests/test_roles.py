"""The roles of the database: what the application may do, and that only the owner may do more."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from launcher import environment
from launcher.environment import Servers
from launcher.places import PYTHON, ROOT
from launcher.ports import find_free
from launcher.postgres import APPLICATION, OWNER, THROWAWAY, Postgres
from launcher.processes import Child
from launcher.waiting import Patience

START_SECONDS = 20.0
DECISION = """
INSERT INTO "tm$decisions" (step, verdict, rule, reason, phone)
VALUES ('FILTER', 'STOPPED', 'AGE', 'too young', '79990001122')
"""
LEDGER = 'SELECT rule, reason FROM "tm$decisions"'
OWNERS = """
SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S', 'v')
"""


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A cluster whose tables were made as the system was before it had roles: by the superuser."""
    folder = tmp_path_factory.mktemp("roles")
    server = Postgres(folder / "postgres", find_free(), folder / "postgres.log", THROWAWAY)
    child = Child(server.program())
    try:
        assert Patience().until(child.is_ready, START_SECONDS), child.output()
        migrate(server.url, folder)
        server.make_roles()
        yield server
    finally:
        child.end()
        server.remove()


def manage(url: str, folder: Path, *arguments: str) -> str:
    """Run a command of the application with this database; returns what it says."""
    variables = environment.throwaway(Servers(url, "redis://127.0.0.1:9/0"), folder)
    done = subprocess.run(
        [PYTHON, "manage.py", *arguments],
        cwd=ROOT,
        env=environment.for_children(variables),
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout + done.stderr


def migrate(url: str, folder: Path) -> None:
    manage(url, folder, "migrate", "--noinput", "--skip-checks")


@pytest.fixture
def application(postgres: Postgres) -> Iterator[psycopg.Connection]:
    with psycopg.connect(postgres.application_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def owner(postgres: Postgres) -> Iterator[psycopg.Connection]:
    with psycopg.connect(postgres.owner_url, autocommit=True) as connection:
        yield connection


def test_the_application_reads_and_writes_rows(application: psycopg.Connection) -> None:
    with application.transaction():
        application.execute(
            """INSERT INTO "tm$do_not_call" (phone, reason) VALUES ('79990001122', 'asked')"""
        )
        application.execute("""UPDATE "tm$do_not_call" SET reason = 'asked twice'""")
        application.execute("CREATE TEMP TABLE staged ON COMMIT DROP AS SELECT 1 AS n")

    assert application.execute('SELECT reason FROM "tm$do_not_call"').fetchall() == [
        ("asked twice",)
    ]
    assert application.execute('DELETE FROM "tm$do_not_call"').rowcount == 1


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (n int)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        'ALTER TABLE "tm$operators" ADD COLUMN mine int',
        'ALTER TABLE "tm$decisions" DISABLE TRIGGER append_only',
        'DROP TABLE "tm$operators"',
        'DROP TRIGGER append_only ON "tm$decisions"',
        'TRUNCATE "tm$operators" CASCADE',
        'TRUNCATE "tm$do_not_call"',
        "CREATE ROLE mine",
        f"ALTER ROLE {APPLICATION} SUPERUSER",
        f"SET ROLE {OWNER}",
        "SET session_replication_role = replica",
        "SET log_min_error_statement = error",
        "SELECT rolpassword FROM pg_authid",
        "SELECT pg_read_file('PG_VERSION')",
        "COPY \"tm$operators\" TO PROGRAM 'true'",
        "CREATE EXTENSION dblink",
    ],
)
def test_the_application_can_change_neither_tables_nor_roles_nor_the_server(
    application: psycopg.Connection, statement: str
) -> None:
    with pytest.raises((InsufficientPrivilege, psycopg.errors.FeatureNotSupported)):
        application.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        """UPDATE "tm$decisions" SET reason = 'another'""",
        'DELETE FROM "tm$decisions"',
        'TRUNCATE "tm$decisions"',
        """INSERT INTO "tm$decisions" (id, step, verdict, rule, reason, phone)
           OVERRIDING SYSTEM VALUE SELECT id, step, verdict, rule, 'another', phone
           FROM "tm$decisions" ON CONFLICT (id) DO UPDATE SET reason = EXCLUDED.reason""",
    ],
)
def test_the_application_adds_to_the_ledger_and_changes_nothing_in_it(
    application: psycopg.Connection, owner: psycopg.Connection, statement: str
) -> None:
    owner.execute('TRUNCATE "tm$decisions"')
    application.execute(DECISION)

    with pytest.raises(InsufficientPrivilege):
        application.execute(statement)

    assert application.execute(LEDGER).fetchall() == [("AGE", "too young")]


def test_a_table_called_pg_class_opens_the_ledger_to_nobody(
    application: psycopg.Connection, owner: psycopg.Connection
) -> None:
    owner.execute('TRUNCATE "tm$decisions"')
    application.execute(DECISION)
    application.execute(
        "CREATE TEMP TABLE pg_class AS"
        " SELECT oid, current_user::regrole::oid AS relowner FROM pg_catalog.pg_class"
    )

    with pytest.raises(InsufficientPrivilege, match="append-only"):
        application.execute('DELETE FROM "tm$decisions"')


def test_the_owner_can_take_old_rows_out_of_the_ledger(
    application: psycopg.Connection, owner: psycopg.Connection
) -> None:
    application.execute(DECISION)

    owner.execute('DELETE FROM "tm$decisions"')

    assert application.execute(LEDGER).fetchall() == []


def test_the_owner_is_no_superuser_and_tables_of_an_earlier_release_are_its_own(
    owner: psycopg.Connection,
) -> None:
    assert owner.execute(OWNERS).fetchall() == [(OWNER,)]
    with pytest.raises(InsufficientPrivilege):
        owner.execute("CREATE ROLE mine")


def test_the_application_may_give_campaigns_numbers_of_its_own(
    application: psycopg.Connection,
) -> None:
    """As the import of campaigns does."""
    application.execute("""SELECT setval('"tm$campaigns_id_seq"', 100)""")


def test_the_application_may_use_a_table_that_a_later_migration_makes(
    application: psycopg.Connection, owner: psycopg.Connection
) -> None:
    owner.execute("CREATE TABLE later (id bigint GENERATED BY DEFAULT AS IDENTITY, name text)")

    application.execute("INSERT INTO later (name) VALUES ('kept')")

    assert application.execute("SELECT name FROM later").fetchall() == [("kept",)]
    owner.execute("DROP TABLE later")


def test_making_the_roles_again_changes_nothing(
    postgres: Postgres, application: psycopg.Connection
) -> None:
    postgres.make_roles()

    assert application.execute("SELECT current_user").fetchall() == [(APPLICATION,)]
    with pytest.raises(InsufficientPrivilege):
        application.execute("CREATE TABLE mine (n int)")


def test_the_deployment_check_warns_of_a_role_that_can_change_the_ledger(
    postgres: Postgres, tmp_path: Path
) -> None:
    check = ("check", "--deploy", "--database", "default", "--tag", "database")

    assert "campaigns.W001" in manage(postgres.url, tmp_path, *check)
    assert "campaigns.W001" in manage(postgres.owner_url, tmp_path, *check)
    assert "campaigns.W001" not in manage(postgres.application_url, tmp_path, *check)


def test_migrations_run_as_the_owner(postgres: Postgres, tmp_path: Path) -> None:
    migrate(postgres.owner_url, tmp_path)
