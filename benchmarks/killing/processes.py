"""Forked processes, which inherit what was imported, and are killed after some time or before a change of a name."""

import io
import os
import shlex
import signal
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import redirect_stderr, redirect_stdout, suppress
from functools import cache, partial
from importlib import import_module
from pathlib import Path

import typer.main

from convlens.cli import main
from convlens.errors import InputError
from convlens.files import moving

CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod"}  # events of `sys.addaudithook`
REFUSED = 2  # the exit code for bad input, of commands and here
PRINTED = "../printed"  # what a process printed, from the folder that it ran in

Act = Callable[[], None]


def warm_up(modules: Iterable[str], names: Iterable[str]) -> None:
    """Import here modules, and what commands import while they read their arguments: forked processes inherit it."""
    for module in modules:
        import_module(module)
    typer.main.get_command = cache(typer.main.get_command)  # else each process builds all commands anew
    for name in names:
        with redirect_stderr(io.StringIO()), redirect_stdout(io.StringIO()), suppress(SystemExit):
            main([name, "./absent"])  # refused at once


def convlens(line: str) -> Act:
    """A command of ConvLens, to be run in a forked process."""
    return partial(main, shlex.split(line))


def finish(act: Act, folder: Path) -> None:
    """Act to the end."""
    code = forked(act, folder)
    if code:
        raise RuntimeError(f"ended with {code}: {(folder / PRINTED).read_text(encoding='utf-8')}")


def killed_after(seconds: float, act: Act, folder: Path) -> bool:
    """Act until some seconds have gone; whether that was before the end."""
    return _killed(forked(act, folder, seconds), folder)


def killed_before(change: int, act: Act, folder: Path, *, exchange: bool = True) -> bool:
    """Act until so many names have changed and one more would; whether that was before the end.

    Without `exchange`, as on a system where two names cannot take each other's place in one step.
    """

    def armed() -> None:
        _arm(change, exchange=exchange)
        act()

    return _killed(forked(armed, folder), folder)


def forked(act: Act, folder: Path, seconds: float | None = None) -> int:
    """The exit code of what is done in a forked process in a folder, killed after some seconds."""
    child = os.fork()
    if child == 0:
        code: object = 1
        try:
            os.chdir(folder)
            for handle in (1, 2):
                os.dup2(os.open(PRINTED, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), handle)
            act()
            code = 0
        except SystemExit as error:
            code = error.code or 0
        except InputError:
            code = REFUSED
        except BaseException:  # noqa: BLE001  it ends here
            sys.excepthook(*sys.exc_info())
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code if isinstance(code, int) else 1)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _killed(code: int, folder: Path) -> bool:
    """Whether a process was killed; an error where it ended badly."""
    if code not in (0, -signal.SIGKILL):
        raise RuntimeError(f"ended with {code}: {(folder / PRINTED).read_text(encoding='utf-8')}")
    return code != 0


def _arm(change: int, *, exchange: bool) -> None:
    """Let this process kill itself before so many changes of a name and one more."""
    left, exchange_names = iter(range(change)), moving.exchange

    def count() -> None:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    def audited(event: str, arguments: tuple[object, ...]) -> None:
        made = event == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_CREAT
        if made or event in CHANGES:
            count()

    def counted(one: Path, other: Path) -> bool:
        count()
        return exchange and exchange_names(one, other)

    moving.exchange = counted
    sys.addaudithook(audited)
