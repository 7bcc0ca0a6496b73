"""The rooms use each other in one direction, and front doors only re-export."""

import ast
from pathlib import Path

import pytest

import convlens

ROOT = Path(convlens.__file__).parent
# Each may import itself and what stands before it.
ROOMS = [
    *("shown", "errors", "arguments", "decoding", "version", "files", "compressed", "kernels"),
    *("data", "text", "models", "trace", "explain", "scan", "filters", "evaluate", "attack", "compress"),
    *("report", "papers", "cli"),
]
# The front doors of the package may import everything.
DOORS = {"__init__", "__main__"}
MODULES = sorted(ROOT.rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Rooms of our package that a module imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [a.name for a in node.names] if isinstance(node, ast.Import) else []
        assert not (isinstance(node, ast.ImportFrom) and node.level), f"{path}: relative import"
        found |= {name.split(".")[1] for name in names if name.startswith("convlens.")}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_run_one_way(path):
    room = path.relative_to(ROOT).parts[0].removesuffix(".py")
    if room in DOORS:
        return
    assert room in ROOMS, f"{room} is not in the list of rooms"
    allowed = set(ROOMS[: ROOMS.index(room) + 1])
    assert imported(path) <= allowed


@pytest.mark.parametrize("path", [p for p in MODULES if p.name == "__init__.py"], ids=lambda p: p.parent.name)
def test_front_doors_only_re_export(path):
    body = ast.parse(path.read_text(encoding="utf-8")).body
    kinds = {type(node).__name__ for node in body}
    assert kinds <= {"Expr", "ImportFrom", "Assign"}
    names = {a.asname or a.name for node in body if isinstance(node, ast.ImportFrom) for a in node.names}
    [listed] = [ast.literal_eval(n.value) for n in body if isinstance(n, ast.Assign)]
    assert sorted(names) == sorted(listed)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_keep_to_their_budget(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300
