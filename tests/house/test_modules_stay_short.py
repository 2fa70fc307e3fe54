from tests.house.files import ROOT, project_files

LONGEST = 350
# One file by its purpose: the public checks a round at home with it and Python alone.
MAY_BE_LONG = {"scheduler/checker.py"}


def test_no_module_is_longer_than_can_be_read_in_one_go() -> None:
    own = [
        path
        for path in project_files("*.py")
        if path.relative_to(ROOT).parts[0] not in {"tests", "migrations"}
    ]
    assert own
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in own}
    assert {name for name, length in lengths.items() if length > LONGEST} == MAY_BE_LONG


def test_no_module_is_a_drawer_for_everything() -> None:
    drawers = {"utils.py", "helpers.py", "misc.py", "common.py"}
    assert [str(path) for path in project_files("*.py") if path.name in drawers] == []
