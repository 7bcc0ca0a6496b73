"""A command that is killed again and again, and a tally of what was there afterwards."""

import random
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

from benchmarks.killing.outputs import digests, read
from benchmarks.killing.processes import REFUSED, Act, finish, forked, killed_after, killed_before

COLUMNS = ("kills", "old", "new", "absent or unfinished", "same", "lost", "leftovers")
HEAD = f"""| command | {" | ".join(COLUMNS).replace("same", "same bytes in the end")} |
| --- |{" --: |" * len(COLUMNS)}"""


@dataclass(frozen=True)
class Command:
    """`run` writes `out`, over what `old` wrote (nothing where it is None); `again` is run after a kill.

    Before it `begun` was killed, as soon as the file `midway` was there.
    """

    run: Act
    again: Act
    old: Act | None = None
    begun: Act | None = None
    midway: str = ""
    out: str = "out"


class Trial:
    """One command in folders of its own: `start` is what is there before, `trial` where it is run and killed."""

    def __init__(self, name: str, command: Command, folder: Path) -> None:
        self.name, self.command, self.folder, self.start = name, command, folder / "trial", folder / "start"
        self.tally: Counter[str] = Counter()
        for place in (self.folder, self.start):
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
        if command.old is not None:
            finish(command.old, self.start)
        self.old = digests(self.start / command.out)
        if command.begun is not None:
            self._begin(command.begun)
        self._restore()
        begin = time.perf_counter()
        finish(command.run, self.folder)
        self.seconds = time.perf_counter() - begin
        self.new = digests(self.folder / command.out)
        if self.new == self.old:
            raise ValueError(f"{name} writes what was there before, so a loss could not be told")

    def at_random(self, times: int, chance: random.Random) -> None:
        """Kill at so many random moments of the run."""
        while self.tally["kills"] < times:
            seconds = chance.random() * self.seconds
            self._try(partial(killed_after, seconds))

    def at_every_change(self, *, exchange: bool) -> None:
        """Kill before the first, second, ... change of a name, until the command ends by itself."""
        steps = (partial(killed_before, change, exchange=exchange) for change in count())
        while self._try(next(steps)):
            pass

    def _begin(self, begun: Act) -> None:
        steps = (partial(killed_before, change) for change in count())
        while not (self.start / self.command.midway).exists():
            if not next(steps)(begun, self.start):
                raise ValueError(f"{self.name}: {self.command.midway} is never there")

    def _restore(self) -> None:
        shutil.rmtree(self.folder)
        shutil.copytree(self.start, self.folder)

    def _try(self, killed: Callable[[Act, Path], bool]) -> bool:
        self._restore()
        if not killed(self.command.run, self.folder):
            return False
        self._judge()
        return True

    def _judge(self) -> None:
        """Count what is there after a kill, and after the next run."""
        out = self.folder / self.command.out
        state = self._state(out)
        finish(self.command.again, self.folder)
        same = digests(out) == self.new
        left = [p.name for p in self.folder.rglob("*") if p.name.startswith(".")]
        lost = state == "lost" or not same
        self.tally.update(["kills", "lost" if lost else state])
        self.tally.update({"same": same, "leftovers": bool(left)})
        if lost or left:
            print(f"{self.name}: {state}, same bytes: {same}, left: {left}", file=sys.stderr)

    def _state(self, out: Path) -> str:
        """What a reader finds: the old, the new, neither where there was no old one, or what is lost."""
        code = forked(partial(read, out), self.folder)
        content = digests(out)
        if code == 0 and content == self.new:
            return "new"
        if self.old:
            return "old" if code == 0 and content == self.old else "lost"
        return "absent or unfinished" if code == REFUSED or not content else "lost"


def line_of(name: str, tally: Counter[str]) -> str:
    """A line of the table."""
    return f"| {name} | {' | '.join(f'{tally[column]:,}' for column in COLUMNS)} |"
