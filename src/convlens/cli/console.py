"""Standard output for results, standard error for everything said to people, and how commands end."""

import os
import re
import shlex
import shutil
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec

from convlens.errors import InputError
from convlens.files import AT_ONCE, json_pieces, reason
from convlens.shown import Terminal, json_visible, sentence, visible

if TYPE_CHECKING:
    from convlens.data import Corpus

out = Terminal()
err = Terminal(stderr=True)

P = ParamSpec("P")

BAD_INPUT = 2
OUT_OF_MEMORY = re.compile(
    r"can(no|')t allocate memory|not enough memory|bad_alloc|out of memory|allocation failed|"
    r"can't start new thread|could not create a primitive",
    re.IGNORECASE,
)
SHORT = "not enough memory: free some, or give fewer rows; fits and scans that had begun go on with --resume"
INTERRUPTED = 130


def say(message: str) -> None:
    """A line for people, on stderr, its markup taken literally."""
    err.print(visible(message), markup=False)


def put(line: str) -> None:
    """A line of results, on stdout, as it is but for its control characters; only tabs part its fields."""
    _put(visible(line, "\t"))
    _put("\n")


def put_json(values: Any) -> None:
    """Values as one line of JSON, its letters as they are, on stdout; lists that are `Pieces` piece by piece."""
    for piece in json_pieces(values, ascii_only=False):
        _put(visible(json_visible(piece), "\t"))
    _put("\n")


def _put(text: str) -> None:
    """Text on stdout, some at a time: bounds memory."""
    for start in range(0, len(text), AT_ONCE):
        sys.stdout.buffer.write(text[start : start + AT_ONCE].encode("utf-8"))


def program() -> str:
    """How to call this program again: by its name where the shell finds it so, else by its path."""
    script, command = Path(sys.argv[0]), shutil.which("convlens")
    if script.name != "convlens" or (command and script.exists() and script.samefile(command)):
        return "convlens"
    return shlex.quote(str(script))


def tell(corpus: "Corpus") -> None:
    """Say aloud what reading a corpus assumed and set aside."""
    for notice in notices_of(corpus):
        say(notice)


def notices_of(corpus: "Corpus") -> tuple[str, ...]:
    """What reading a corpus assumed, and how many rows it set aside."""
    if not corpus.rejected:
        return corpus.notices
    aside = (
        f"{corpus.source}: set aside {len(corpus.rejected):,} of {len(corpus) + len(corpus.rejected):,} rows, "
        f"the first in line {corpus.rejected[0].line}: {corpus.rejected[0].reason}"
    )
    return (*corpus.notices, aside)


def ending_well(command: Callable[P, None]) -> Callable[P, None]:
    """Make a command end on bad input, Ctrl-C and closed pipes with one sentence and an exit code."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
            sys.stdout.flush()
        except InputError as error:
            _end(f"convlens: {error}", BAD_INPUT)
        except KeyboardInterrupt as stop:
            _end(f"convlens: {str(stop) or 'interrupted'}", INTERRUPTED)
        except BrokenPipeError:
            # The reader has gone, as in `| head`: nothing more to say, not even at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except _failures() as error:
            if isinstance(error, MemoryError) or OUT_OF_MEMORY.search(str(error)):
                _end(f"convlens: {SHORT}", BAD_INPUT)
            if not isinstance(error, OSError):
                raise
            _end(f"convlens: {_refused(error)}", BAD_INPUT)

    return run


def _failures() -> tuple[type[BaseException], ...]:
    """All that fails, and what Polars raises when it panics, if it has been imported."""
    polars = sys.modules.get("polars.exceptions")
    return (Exception, *([polars.PanicException] if polars else []))


def _refused(error: OSError) -> str:
    """What the system would not do; files that commands write have said so themselves."""
    if error.errno is None:  # of a library
        return str(error)
    cause = reason(error.errno)
    if error.filename is not None:
        return f"cannot open {error.filename}: {cause}: give a path that can be read and written"
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else it fails again at exit
    return f"cannot write to standard output: {cause}: make room, or send it elsewhere"


def _end(message: str, code: int) -> None:
    say(sentence(message))
    sys.exit(code)
