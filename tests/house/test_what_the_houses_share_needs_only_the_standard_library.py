import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.files import ROOT, project_files

ALSO = {"cryptography", "rfc8785"}
SHARED = ("scheduler.draw", "proctor.ledger")


def imports(text: str) -> set[str]:
    """Every name that a module's text imports, wherever in it, as `module.name` and `module`."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            names |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return names


def files_of(module: str, root: Path) -> Iterator[Path]:
    path = root.joinpath(*module.split("."))
    if path.with_suffix(".py").is_file():
        yield path.with_suffix(".py")
    yield from sorted(path.glob("*.py"))


def foreign(module: str, root: Path = ROOT) -> set[str]:
    """What comes along with a module from outside the standard library, `ALSO` and its house."""
    house, open_modules, seen, found = module.split(".", maxsplit=1)[0], [module], {module}, set()
    while open_modules:
        for path in files_of(open_modules.pop(), root):
            for name in imports(path.read_text(encoding="utf-8")):
                top = name.split(".")[0]
                if top != house and top not in sys.stdlib_module_names | ALSO:
                    found.add(top)
                # The house itself is only its empty front door.
                elif top == house and name not in seen and name != house:
                    seen.add(name)
                    open_modules.append(name)
    return found


@pytest.mark.parametrize("module", SHARED)
def test_a_shared_module_drags_nothing_in(module: str) -> None:
    assert list(files_of(module, ROOT))
    assert foreign(module) == set()


@pytest.mark.parametrize("house", ["scheduler", "proctor"])
def test_the_engines_front_doors_are_empty(house: str) -> None:
    [front] = project_files(f"{house}/__init__.py")
    assert [
        node for node in ast.parse(front.read_text()).body if not isinstance(node, ast.Expr)
    ] == []


def test_the_search_follows_imports_inside_the_house(tmp_path: Path) -> None:
    house = tmp_path / "proctor"
    house.mkdir()
    (house / "ledger.py").write_text(
        "import hashlib\nfrom cryptography.x import y\nfrom proctor import errors\n"
    )
    (house / "errors.py").write_text("import json\n")
    assert foreign("proctor.ledger", tmp_path) == set()
    (house / "errors.py").write_text(
        "def late():\n    from numpy.typing import NDArray\n    import exam.db\n"
    )
    assert foreign("proctor.ledger", tmp_path) == {"numpy", "exam"}
