"""Attempts in forked processes, which are killed where they hang, and a count of what came of each."""

import multiprocessing
import os
import random
import re
import resource
import shutil
import signal
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, NamedTuple

from convlens.errors import InputError

SECONDS = 5  # of a processor, before an attempt counts as hanging
CLOCK = 60  # seconds by the clock, for what waits and computes nothing
MEMORY = 3 * 2**30  # bytes that an attempt may take
LENGTH = 300  # characters of a sentence
CONTROL = re.compile("[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
TIMERS = ((signal.ITIMER_PROF, SECONDS), (signal.ITIMER_REAL, CLOCK))
READ, REFUSED, TRACEBACK, HANG, WRONG = OUTCOMES = ("read", "refused", "traceback", "hang", "wrong")
FAILURES = (TRACEBACK, HANG, WRONG)


class Wrong(Exception):
    """An answer that is not right, or a refusal that is not one sentence."""


@dataclass(frozen=True)
class Kind:
    """A kind of input: `make` writes good ones into a folder, once; `load` takes them up, once a process; `attempt` makes
    bad ones of them, tries them and returns `READ` or `REFUSED`. An attempt has `inputs` of them, a process `attempts`."""

    make: Callable[[Path], object]
    load: Callable[[Path], Any]
    attempt: Callable[[Any, random.Random, Path], str]
    inputs: int = 1
    attempts: int = 100


class Result(NamedTuple):
    """What came of an attempt: one of `OUTCOMES`, why, and how many seconds of a processor it took."""

    number: int
    outcome: str
    why: str = ""
    seconds: float = 0.0


@dataclass
class Tally:
    """All results of a kind: inputs by outcome, failures with their reasons, the slowest attempt."""

    inputs: int
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[Result] = field(default_factory=list)
    slowest: float = 0.0

    def add(self, result: Result) -> None:
        """Count a result; of an attempt that fails, one input is to blame."""
        blamed = 1 if result.outcome in FAILURES else self.inputs
        self.counts[result.outcome] += blamed
        self.counts[READ] += self.inputs - blamed
        self.slowest = max(self.slowest, result.seconds)
        if result.outcome in FAILURES:
            self.failures.append(result)

    def kinds(self) -> list[tuple[str, list[int]]]:
        """Failures by what went wrong, the most frequent first, with the numbers of their attempts."""
        numbers: dict[str, list[int]] = {}
        for result in self.failures:
            numbers.setdefault(f"{result.outcome}: {result.why.splitlines()[0]}", []).append(result.number)
        return sorted(numbers.items(), key=lambda item: -len(item[1]))


def refused(error: InputError) -> str:
    """`REFUSED`, where the refusal is one short sentence that no terminal obeys."""
    said = str(error)
    if len(said) > LENGTH:
        raise Wrong(f"a message of more than {LENGTH} characters\n{len(said)}: {said[:2000]!r}")
    if control := CONTROL.search(said):
        raise Wrong(f"a message with a control character\n{control[0]!r} in {said!r}")
    return REFUSED


def attempt(kind: Kind, good: Any, name: str, number: int, place: Path) -> Result:
    """Try one attempt, here; what it wrote stays in `place` only where it fails."""
    place.mkdir(parents=True)
    begin = time.process_time()
    outcome, why = WRONG, ""
    try:
        outcome = kind.attempt(good, random.Random(f"{name} {number}"), place)
    except Wrong as error:
        why = str(error)
    except Exception as error:  # noqa: BLE001
        outcome, why = TRACEBACK, f"{_where(error)}\n{''.join(traceback.format_exception(error))}"
    result = Result(number, outcome, why, time.process_time() - begin)
    if outcome in FAILURES:
        (place / "why.txt").write_text(why, encoding="utf-8", errors="backslashreplace")
    else:
        shutil.rmtree(place)
    return result


def _where(error: Exception) -> str:
    """What kind of error, and in which line of ConvLens."""
    frames = [
        f for f in traceback.extract_tb(error.__traceback__) if f"{os.sep}convlens{os.sep}" in f.filename
    ]
    line = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{line}"


def run(
    kind: Kind,
    name: str,
    numbers: Sequence[int],
    folder: Path,
    processes: int,
    on_result: Callable[[Result], None],
) -> Tally:
    """Try many attempts, a hundred or so in each process, `processes` of these at a time."""
    good = folder / f"good-{name}"
    good.mkdir(parents=True)
    context = multiprocessing.get_context("fork")
    making = context.Process(
        target=kind.make, args=(good,)
    )  # a fork of its own: Polars' threads survive none
    making.start()
    making.join()
    if making.exitcode:
        raise RuntimeError(f"cannot make good inputs for {name}")
    todo = deque(numbers[i : i + kind.attempts] for i in range(0, len(numbers), kind.attempts))
    tally, workers = Tally(kind.inputs), dict[Connection, tuple[Any, Sequence[int]]]()
    while todo or workers:
        while todo and len(workers) < processes:
            some = todo.popleft()
            receiving, sending = context.Pipe(duplex=False)
            process = context.Process(target=_work, args=(kind, good, name, some, folder, sending))
            process.start()
            sending.close()
            workers[receiving] = process, some
        for receiving in wait(list(workers)):
            assert isinstance(receiving, Connection)
            process, some = workers.pop(receiving)
            sent, rest = _received(receiving), some[1:]
            result = sent or _death(process, some[0])
            tally.add(result)
            on_result(result)
            if sent and rest:  # also of a process that has died since: its end comes next
                workers[receiving] = process, rest
            elif rest:
                todo.appendleft(rest)
    return tally


def _received(receiving: Connection) -> Result | None:
    """The next result of a process; None where it has died."""
    with suppress(EOFError):
        result: Result = receiving.recv()
        return result
    return None


def _death(process: Any, number: int) -> Result:
    """How a process died of an attempt."""
    process.join()
    code = -process.exitcode
    if code == -1:  # by an error of its own: attempts send theirs
        raise RuntimeError(f"attempt {number} was never made: the good inputs cannot be loaded")
    if code in (signal.SIGPROF, signal.SIGALRM):
        return Result(number, HANG, f"over {SECONDS} s of a processor, or {CLOCK} s by the clock", SECONDS)
    return Result(number, TRACEBACK, f"the process ended with {process.exitcode}")


def _work(
    kind: Kind, good: Path, name: str, numbers: Iterable[int], folder: Path, sending: Connection
) -> None:
    """Try some attempts, each under timers that kill the process, and send the results."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # Polars prints panics
    loaded = kind.load(good)
    for number in numbers:
        with _limits():
            result = attempt(kind, loaded, name, number, folder / f"{name}-{number}")
        sending.send(result)


class _limits:
    """Kill this process should it take too long, and let no allocation take too much."""

    def __enter__(self) -> None:
        pages = (
            int(Path("/proc/self/statm").read_text().split()[0]) if Path("/proc/self/statm").exists() else 0
        )
        if pages:
            most = resource.getrlimit(resource.RLIMIT_AS)[1]
            resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY, most))
        for timer, seconds in TIMERS:
            signal.setitimer(timer, seconds)

    def __exit__(self, *error: object) -> None:
        for timer, _ in TIMERS:
            signal.setitimer(timer, 0)


def lines_of(tallies: dict[str, Tally]) -> Iterator[str]:
    """A Markdown table of the counts, then every kind of failure."""
    yield "| inputs | tried | answered | refused in a sentence | tracebacks | hangs | wrong | slowest |"
    yield "| --- | --: | --: | --: | --: | --: | --: | --: |"
    for name, tally in tallies.items():
        counts = (sum(tally.counts.values()), *(tally.counts[outcome] for outcome in OUTCOMES))
        yield f"| {name} | {' | '.join(f'{count:,}' for count in counts)} | {tally.slowest:.1f} s |"
    for name, tally in tallies.items():
        for why, numbers in tally.kinds():
            yield f"{len(numbers):>6,} {name}, {why}, for one attempt {numbers[0]}"
