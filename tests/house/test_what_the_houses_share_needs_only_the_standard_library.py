import ast
import sys
from pathlib import Path

import pytest

from tests.house.files import project_files

ALSO = {"cryptography", "rfc8785"}
SHARED = {"scheduler.draw": "scheduler/draw", "proctor.ledger": "proctor/ledger"}


def foreign(text: str, package: str) -> set[str]:
    """What a module imports from outside the standard library, `ALSO` and its own package."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add("." * node.level + (node.module or ""))
    own = (package, f"{package}.")
    return {
        name
        for name in names
        if name.split(".")[0] not in sys.stdlib_module_names | ALSO
        and not (name == own[0] or name.startswith(own[1]))
    }


@pytest.mark.parametrize("package", SHARED)
def test_a_shared_module_drags_nothing_in(package: str) -> None:
    where = SHARED[package]
    assert {
        f"{path.name}: {name}"
        for path in project_files(f"{where}.py", f"{where}/*.py")
        for name in foreign(path.read_text(), package)
    } == set()


@pytest.mark.parametrize("house", ["scheduler", "proctor"])
def test_the_engines_front_doors_are_empty(house: str) -> None:
    front = project_files(f"{house}/__init__.py")
    assert [foreign(path.read_text(), house) for path in front] == [set()]
    assert [
        node
        for path in front
        for node in ast.parse(path.read_text()).body
        if not isinstance(node, ast.Expr)
    ] == []


def test_the_search_finds_such_an_import() -> None:
    package = "proctor.ledger"
    assert foreign("import numpy.typing", package) == {"numpy.typing"}
    assert foreign("def f():\n    from exam import db", package) == {"exam"}
    assert foreign("from proctor.watch import x", package) == {"proctor.watch"}
    assert (
        foreign(
            "import hashlib\nfrom cryptography.x import y\nfrom proctor.ledger.a import b", package
        )
        == set()
    )
    assert foreign(Path(__file__).read_text(), package) == {"pytest", "tests.house.files"}
