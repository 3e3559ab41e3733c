"""Finds dead vocabulary: functions, classes, members of enumerations, columns and settings that
nothing in production writes or reads. A use in a test does not count.

Remove what is found. Where a name is used in a way that these tests cannot see, put it into the
list above the test, with the reason.
"""

import importlib
import inspect
import re
from collections import Counter
from collections.abc import Iterator
from enum import Enum
from functools import cache
from pathlib import Path
from types import ModuleType

from django.apps import AppConfig
from django.apps import apps as django_apps
from django.conf import global_settings
from django.core.management.base import BaseCommand
from django.db.models import Model
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from vulture import Vulture
from vulture.core import Item

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("apps", "common", "telemarketing", "launcher", "simulators", "benchmarks")
SETTINGS = ROOT / "telemarketing" / "settings.py"


@cache
def sources() -> dict[Path, str]:
    """Every Python file of production, and its text."""
    return {
        path: path.read_text(encoding="utf-8")
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if not {"tests", "migrations"} & set(path.relative_to(ROOT).parts)
    }


@cache
def module_of(path: Path) -> ModuleType:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return importlib.import_module(".".join(parts).removesuffix(".__init__"))


# --- functions, classes, methods ----------------------------------------------------------------
REGISTERED_BY = ["@admin.*", "@shared_task*", "@register*", "@*.connect", "@model_validator*"]
# a model is its table; drf-spectacular keeps a list of its extensions
FOUND_BY_BASE_CLASS = (AppConfig, BaseCommand, Model, OpenApiSerializerFieldExtension)
# each of its classes is a filter: the package imports and lists them all
FOUND_BY_FOLDER = ROOT / "apps" / "filters" / "rules"
CALLED_BY_NAME = [
    "Meta",  # Django, REST framework, import-export
    "collect",  # prometheus_client: whatever has this method is a collector
    "has_*_permission",  # the admin: of an action that asks for this permission
    "clean_*",  # a form's check of one field
    "keep_utime*",  # migrations
    "append_only*",
    "create_superuser",  # Django's command of that name
    "get_short_name",  # the admin, of any user
    "has_perms",
    "has_module_perms",
]


def test_no_function_or_class_is_unused() -> None:
    scanner = Vulture(ignore_names=CALLED_BY_NAME, ignore_decorators=REGISTERED_BY)
    scanner.scavenge([*map(str, sources()), str(ROOT / "manage.py")])
    unused = [
        f"{item.filename.relative_to(ROOT)}:{item.first_lineno} {item.name}"
        for item in scanner.get_unused_code()
        if item.typ in {"function", "class", "method", "property", "import", "unreachable_code"}
        and str(item.name) not in names_in_texts()
        and not is_found_by_a_framework(item)
    ]

    assert unused == []


@cache
def names_in_texts() -> frozenset[str]:
    """The last words of dotted paths in quotes, the fields of serializers (they read an attribute
    of the same name), and all words of the templates."""
    text = "\n".join(sources().values())
    paths = re.findall(r'"\w+(?:\.\w+)*\.(\w+)"', text)
    fields = re.findall(r"^    (\w+) = serializers\.", text, re.MULTILINE)
    templates = [path.read_text(encoding="utf-8") for path in (ROOT / "templates").rglob("*.html")]
    return frozenset([*paths, *fields, *re.findall(r"\w+", "\n".join(templates))])


def is_found_by_a_framework(item: Item) -> bool:
    """Whether the class is one that Django looks for, or the method overrides a library's."""
    if item.typ == "class":
        found = getattr(module_of(item.filename), str(item.name))
        return issubclass(found, FOUND_BY_BASE_CLASS) or item.filename.parent == FOUND_BY_FOLDER
    classes = [kind for _, kind in inspect.getmembers(module_of(item.filename), inspect.isclass)]
    return any(
        item.name in vars(base) and not is_ours(base)
        for kind in classes
        if item.name in vars(kind)
        for base in kind.__mro__
    )


def is_ours(kind: type) -> bool:
    return kind.__module__.partition(".")[0] in PACKAGES


# --- members of enumerations --------------------------------------------------------------------
COLUMN_OF_A_FILE = "a column of incoming files has these values [source appendix А]"
# "Class" or "Class.MEMBER": where the value comes from, if no code names it
FROM_DATA = {
    "ApplicationStatus": COLUMN_OF_A_FILE,
    "ClientType": COLUMN_OF_A_FILE,
    "LoanStatus": COLUMN_OF_A_FILE,
    "PeriodUnit": COLUMN_OF_A_FILE,
    "ScoringResult": COLUMN_OF_A_FILE,
    "Sex": COLUMN_OF_A_FILE,
    "Meaning.SUCCESS": "a disposition of campaigns.yaml; no call follows from it",
    "Meaning.WRONG_NUMBER": "a disposition of campaigns.yaml; no call follows from it",
    "TaskPriority.HIGH": "what a person chooses for a task",
    "TaskPriority.LOW": "what a person chooses for a task",
}


def enumerations() -> Iterator[type[Enum]]:
    for path in sources():
        for _, kind in inspect.getmembers(module_of(path), inspect.isclass):
            if issubclass(kind, Enum) and kind.__module__ == module_of(path).__name__:
                yield kind


def test_no_member_of_an_enumeration_is_unused() -> None:
    words = set(re.findall(r"\b\w+\.\w+\b", "\n".join(sources().values())))
    members = {
        f"{kind.__name__}.{name}"
        for kind in enumerations()
        if kind.__name__ not in FROM_DATA
        for name in kind.__members__
    }

    assert sorted(members - words - set(FROM_DATA)) == []


# --- columns ------------------------------------------------------------------------------------
COLUMNS_OF_THE_SOURCE: dict[str, str] = {
    "SecondFactor.throttling_failure_timestamp": "django-otp writes and reads it",
    "SecondFactor.throttling_failure_count": "django-otp writes and reads it",
}  # "Model.column": why it is there


def test_no_column_is_unused() -> None:
    words = Counter(re.findall(r"\w+", "\n".join(sources().values())))
    unused = [
        f"{model.__name__}.{field.name}"
        for model in django_apps.get_models()
        if is_ours(model)
        for field in model._meta.local_fields
        # once where it is defined; a word that is written twice is read or written somewhere
        if words[field.name] < 2
    ]

    assert sorted(set(unused) - set(COLUMNS_OF_THE_SOURCE)) == []


# --- settings -----------------------------------------------------------------------------------
READ_BY_LIBRARIES = re.compile(
    "ROOT_URLCONF|AXES_|CELERY_|CONTENT_SECURITY_POLICY|DJANGO_REDIS_|REST_FRAMEWORK|SPECTACULAR_|"
    "WHITENOISE_"
)


def test_no_setting_is_unused() -> None:
    names = re.findall(r"^([A-Z_]+) = ", SETTINGS.read_text(encoding="utf-8"), re.MULTILINE)
    own = {
        name
        for name in names
        if not hasattr(global_settings, name) and not READ_BY_LIBRARIES.match(name)
    }
    words = Counter(re.findall(r"\w+", "\n".join(sources().values())))

    assert sorted(name for name in own if words[name] < 2) == []
