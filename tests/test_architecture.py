"""The architecture drawing, kept true: doors between apps, keys that point down, tables."""

import ast
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest
from django.apps import apps as django_apps
from django.conf import settings
from django.db import connection
from django.db.models import ForeignKey

DOORS = {"services", "selectors", "types", "ports"}
FACES = ("services", "selectors")
# modules that only translate and make one call; pages of the admin may use all of their app
ENTRY_POINTS = ("tasks.py", "management/commands/*.py")
# who stands above whom: an app may point to the apps to its right
LAYERS = {
    "supervision": {"ingest", "telephony", "filters", "arm", "campaigns", "security"},
    "reports": {"ingest", "telephony", "filters", "arm", "campaigns", "security"},
    "ingest": {"filters", "arm", "campaigns", "security"},
    "filters": {"arm", "campaigns", "security"},
    "read_api": {"filters", "campaigns", "security"},
    "telephony": {"arm", "campaigns", "security"},
    "arm": {"campaigns", "security"},
    "campaigns": {"security"},
    "security": set(),
}
# table, its columns and whether each may be NULL, as tables 2 to 9 of the source have them
SOURCE_TABLES = {
    "tm$campaigns": {
        "name": ("character varying(64)", False),
        "domain": ("character varying(32)", False),
        "description": ("character varying(256)", True),
    },
    "tm$campaign_tasks": {
        "phone": ("character varying(15)", False),
        "client_info": ("jsonb", False),
        "task_time": ("timestamp with time zone", False),
        "task_type": ("character varying(32)", False),
        "task_state": ("character varying(32)", False),
        "campaign_id": ("bigint", False),
    },
    "tm$communications": {
        "state": ("character varying(32)", False),
        "result_details": ("jsonb", False),
        "campaign_task_id": ("bigint", False),
        "operator_id": ("bigint", False),
    },
    "tm$operators": {
        "login": ("character varying(64)", False),
        "password": ("character varying(256)", False),
        "locked": ("boolean", False),
        "role": ("character varying(32)", False),
        "first_name": ("character varying(32)", False),
        "last_name": ("character varying(32)", False),
    },
    "tm$operator_auths": {
        "exp_date": ("timestamp with time zone", False),
        "token": ("character varying(512)", False),
        "operator_id": ("bigint", False),
    },
    "tm$mightycall_operators": {
        "login": ("character varying(64)", False),
        "password": ("character varying(256)", False),
        "operator_id": ("bigint", False),
    },
    "tm$mightycall_active_operators": {"operator_id": ("bigint", False)},
    "tm$mightycall_tasks": {
        "task_type": ("character varying(16)", False),
        "task_state": ("character varying(16)", False),
        "campaign_task_id": ("bigint", False),
    },
}
EVERY_TABLE = {
    "id": ("bigint", False),
    "wtime": ("timestamp with time zone", False),
    "utime": ("timestamp with time zone", False),
}
COLUMNS = """
SELECT attname, format_type(atttypid, atttypmod), NOT attnotnull
FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
"""


def imports_between_apps() -> Iterator[tuple[str, str]]:
    graph = grimp.build_graph("apps", cache_dir=None)
    for importer in graph.modules:
        for imported in graph.find_modules_directly_imported_by(importer):
            if importer.split(".")[1:2] != imported.split(".")[1:2]:
                yield importer, imported


def test_apps_meet_only_at_their_doors() -> None:
    trespassers = [
        f"{importer} → {imported}"
        for importer, imported in imports_between_apps()
        if ".tests." not in importer and imported.split(".")[2:3] not in [[door] for door in DOORS]
    ]

    assert trespassers == []


@pytest.mark.parametrize("app", LAYERS)
def test_an_app_has_both_faces_or_neither(app: str) -> None:
    assert len(_faces(app)) in (0, len(FACES))


@pytest.mark.parametrize("app", LAYERS)
def test_faces_have_no_bodies(app: str) -> None:
    """They consist of a docstring, imports and ``__all__``."""
    bodies = [
        f"{path.name}:{statement.lineno}"
        for path in _faces(app)
        for statement in ast.parse(path.read_text(encoding="utf-8")).body[1:]
        if not isinstance(statement, ast.Import | ast.ImportFrom) and not _is_all(statement)
    ]

    assert bodies == []


def _faces(app: str) -> list[Path]:
    paths = [Path(settings.BASE_DIR, "apps", app, f"{face}.py") for face in FACES]
    return [path for path in paths if path.exists()]


def _is_all(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "__all__"


@pytest.mark.parametrize("app", LAYERS)
def test_entry_points_import_only_the_faces_of_their_app(app: str) -> None:
    folder = Path(settings.BASE_DIR, "apps", app)
    allowed = {f"apps.{app}.{name}" for name in (*FACES, "types")}
    insiders = [
        f"{path.relative_to(folder)} → {module}"
        for pattern in ENTRY_POINTS
        for path in sorted(folder.glob(pattern))
        for module in _imported_modules(path)
        if module.startswith(f"apps.{app}.") and module not in allowed
    ]

    assert insiders == []


def _imported_modules(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            # ``from apps.filters import services`` names a module too
            parents = node.module.count(".") == 1
            yield from (f"{node.module}.{alias.name}" for alias in node.names if parents)
            yield node.module


def test_foreign_keys_point_down() -> None:
    upwards = [
        f"{model._meta.label}.{field.name} → {field.related_model._meta.label}"
        for model in django_apps.get_models()
        if model._meta.app_label in LAYERS
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey)
        and field.related_model._meta.app_label != model._meta.app_label
        and field.related_model._meta.app_label not in LAYERS[model._meta.app_label]
    ]

    assert upwards == []


def test_common_has_no_models() -> None:
    sources = Path(settings.BASE_DIR, "common").rglob("migrations")

    assert list(sources) == []


@pytest.mark.django_db
@pytest.mark.parametrize("table", SOURCE_TABLES)
def test_source_tables_have_their_columns(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, [f'"{table}"'])
        found = {name: (kind, nullable) for name, kind, nullable in cursor.fetchall()}

    expected = SOURCE_TABLES[table] | EVERY_TABLE
    assert {name: found.get(name) for name in expected} == expected


@pytest.mark.django_db
def test_every_table_keeps_its_time_of_update_by_itself() -> None:
    tables = {
        model._meta.db_table
        for model in django_apps.get_models()
        if model._meta.app_label in LAYERS
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'keep_utime'")
        kept = {name.strip('"') for (name,) in cursor.fetchall()}

    assert tables - kept == set()


@pytest.mark.django_db
def test_every_table_has_the_prefix_of_the_source() -> None:
    ours = [model for model in django_apps.get_models() if model._meta.app_label in LAYERS]

    assert [model for model in ours if not model._meta.db_table.startswith("tm$")] == []
