"""The rooms use each other in one direction, and front doors only re-export."""

import ast
import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import convlens

ROOT = Path(convlens.__file__).parent
# Each may import itself and what stands before it.
ROOMS = [
    *(
        "arrays",
        "shown",
        "progress",
        "errors",
        "arguments",
        "decoding",
        "version",
        "files",
        "compressed",
        "kernels",
    ),
    *(
        "data",
        "text",
        "models",
        "trace",
        "adopt",
        "draw",
        "explain",
        "units",
        "scan",
        "filters",
        "evaluate",
        "attack",
        "compress",
    ),
    *("report", "papers", "cli"),
]
# The front doors of the package may import everything.
DOORS = {"__init__", "__main__"}
MODULES = sorted(ROOT.rglob("*.py"))
FRONT_DOORS = [path for path in MODULES if path.name == "__init__.py"]
LAZY = "import lazy_loader\n__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)"
HEAVY = {"torch", "numba", "numpy", "polars", "scipy", "sklearn", "pandas"}


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


@pytest.mark.parametrize("path", FRONT_DOORS, ids=lambda p: p.parent.name)
def test_front_doors_only_re_export_what_there_is(path):
    _, *statements = ast.parse(path.read_text(encoding="utf-8")).body
    assert "\n".join(map(ast.unparse, statements)) == LAZY
    *imports, listing = ast.parse(path.with_suffix(".pyi").read_text(encoding="utf-8")).body
    assert all(isinstance(node, ast.ImportFrom) for node in imports)
    names = [alias.name for node in imports for alias in node.names]
    assert not any(alias.asname for node in imports for alias in node.names)
    assert sorted(names) == sorted(ast.literal_eval(listing.value))
    room = importlib.import_module(".".join(["convlens", *path.parent.relative_to(ROOT).parts]))
    assert all(getattr(room, name) is not None for name in names)
    assert sorted(names) == sorted(dir(room))


@pytest.mark.parametrize("name", ["adopt", "attack", "evaluate", "explain", "report", "scan", "trace"])
def test_a_function_is_not_hidden_by_the_room_of_its_name(name):
    importlib.import_module(f"convlens.{name}.{name}" if name != "report" else "convlens.report.build")
    assert inspect.isfunction(getattr(convlens, name))


def test_rooms_are_there_when_they_are_named():
    code = "import convlens; print(convlens.data.Columns(), convlens.models.load is convlens.load, convlens.text)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert " True " in run.stdout


@pytest.mark.parametrize("arguments", [[], ["--help"], ["--version"]])
def test_what_is_heavy_is_imported_where_it_is_used(arguments):
    call = f"from convlens.cli import main; main({arguments!r})" if arguments else ""
    code = f"import sys, convlens\ntry:\n    {call or 'pass'}\nfinally:\n    print(*sys.modules, file=sys.stderr)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & set(run.stderr.split())


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_keep_to_their_budget(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300
