"""How tests share: fixtures through conftest.py and the plugin, everything else by import."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import grimp
import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PACKAGES = (
    "apps",
    "benchmarks",
    "common",
    "launcher",
    "simulators",
    "telemarketing",
    "testing",
    "tests",
)
# pytest itself loads these: whoever imports from them gets a second copy or a fixture by name
LOADED_BY_PYTEST = [
    path
    for folder in PACKAGES
    for pattern in ("test_*.py", "conftest.py")
    for path in sorted((ROOT / folder).rglob(pattern))
]
MODULES = [ROOT / "conftest.py", *LOADED_BY_PYTEST]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_of(path: Path) -> Iterator[tuple[str, str]]:
    """The module and the name of every ``from module import name``."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node.module or "", alias.name


def fixtures_of(path: Path) -> set[str]:
    """The names of the fixtures that a module defines."""
    return {
        node.name
        for node in tree_of(path).body
        if isinstance(node, ast.FunctionDef)
        and any("pytest.fixture" in ast.unparse(mark) for mark in node.decorator_list)
    }


def names_assigned_in(path: Path) -> set[str]:
    return {
        ast.unparse(target)
        for node in tree_of(path).body
        if isinstance(node, ast.Assign)
        for target in node.targets
    }


def is_loaded_by_pytest(module: str) -> bool:
    name = module.rpartition(".")[2]
    return name == "conftest" or name.startswith("test_")


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_what_pytest_loads_passes_no_fixture_on_by_import(path: Path) -> None:
    imported = [
        f"{module}.{name}"
        for module, name in imports_of(path)
        if is_loaded_by_pytest(module) or is_loaded_by_pytest(name) or is_fixture(module, name)
    ]

    assert imported == []
    assert "__all__" not in names_assigned_in(path)


def is_fixture(module: str, name: str) -> bool:
    source = ROOT / f"{module.replace('.', '/')}.py"
    return source.exists() and name in fixtures_of(source)


def test_only_tests_and_benchmarks_import_what_is_made_for_them() -> None:
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)

    trespassers = [
        f"{importer} → {imported}"
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
        if not may_import(importer, imported)
    ]

    assert trespassers == []


def may_import(importer: str, imported: str) -> bool:
    """False where tests of one place are imported by another, or ``testing`` by production.

    A story test puts the load on the system that the benchmark measures.
    """
    if home := home_of(imported):
        return home_of(importer) == home
    if imported.startswith("testing"):
        return bool(home_of(importer)) or importer.startswith(("testing", "benchmarks"))
    if imported == "benchmarks.load" and importer.startswith("tests.story"):
        return True
    return importer.startswith("benchmarks") or not imported.startswith("benchmarks")


def home_of(module: str) -> str:
    """The package of tests that the module belongs to; empty for any other module."""
    before, found, _after = f".{module}.".partition(".tests.")
    return f"{before}.tests" if found else ""


def test_no_fixture_is_known_by_two_names_of_the_plugin() -> None:
    """A fixture of the plugin would silently replace another of the same name."""
    names = [
        name for path in sorted((ROOT / "testing").rglob("*.py")) for name in fixtures_of(path)
    ]

    assert sorted(names) == sorted(set(names))


@pytest.mark.xdist_group("one")
def test_the_tests_of_a_group_share_a_process(request: pytest.FixtureRequest) -> None:
    # a group that pytest-xdist knows is a part of the test's id; others are spread without a word
    if not hasattr(request.config, "workerinput"):
        pytest.skip("all tests share one process")
    assert request.node.nodeid.endswith("@one")
