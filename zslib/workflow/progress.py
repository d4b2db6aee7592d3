"""What a terminal shows of a running grid: a line a step, how many are done, the time left, and what went wrong."""

import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

COUNT = re.compile(r"^(\d+) of (\d+) steps|^total +(\d+)$")
STEP = re.compile(r"^\w+ .* \d+\.\d s  ")
CHATTER = re.compile(
    r"^(\[\w{3} \w{3} .*\d{4}\]|Finished job|Select jobs|Execute \d+ jobs|Complete log|Elapsed time|Building DAG"
    r"|Using shell|Provided |Rules claiming|Job stats|job +count|-{3,}|Nothing to be done|Assuming unrestricted"
    r"|host:|Config file |Resuming incomplete|\w+ +\d+$|RuleException|CalledProcessError in|Command 'set |Exiting because"
    r"|WorkflowError|At least one job did not|Removing output files|Error in rule"
    r"|Using profile|SLURM run ID|No (SLURM )?account|Unable to guess SLURM|Cleaning up SLURM|$)"
)
ERROR = "error: "
"""What a step's own account of a fault of the user's begins with."""


@dataclass
class Progress:
    """How far a grid is."""

    done: int = 0
    total: int = 0
    seconds: float = 0.0
    """Since the first step began."""

    def __str__(self) -> str:
        left = self.total - self.done
        said = f"{self.done:>3}/{self.total or '?'}"
        return f"{said}, {_words(self.seconds / self.done * left)} left" if self.done and left else said


def lines(
    output: Iterable[str], clock: Callable[[], float] = time.monotonic
) -> Iterator[tuple[Progress, str]]:
    """Keep of Snakemake's output what a person wants to see.

    Parameters
    ----------
    output
        Lines as Snakemake and the steps write them, in order.
    clock
        Seconds.

    Yields
    ------
    How far the grid is, its time left estimated from the steps that are done; and the line of a step or an error, or
    no text where nothing but the count has changed.
    """
    now, started = Progress(), clock()
    for line in output:
        line = line.rstrip("\n")
        started = clock() if not now.total else started
        now.seconds = clock() - started
        if found := COUNT.match(line):
            now.done, now.total = max(now.done, int(found[1] or 0)), int(found[2] or found[3])
            yield now, ""
        elif not CHATTER.match(line):
            now.done += bool(STEP.match(line))  # Snakemake counts it after a while
            yield now, line


def show(output: Iterable[str]) -> list[str]:
    """Print what a person wants to see, above a bar where this is a terminal; the errors of the user's among it."""
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    errors, console = [], Console(soft_wrap=True)
    columns = SpinnerColumn(), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Bar(*columns, console=console, transient=True, disable=not sys.stdout.isatty()) as bar:
        task = bar.add_task("starting", total=None)
        for now, line in lines(output):
            bar.update(task, completed=now.done, total=now.total or None, description=f"{now}")
            if line:
                console.print(f"[{now}] {line}", markup=False, highlight=False)
            if line.startswith(ERROR):
                errors.append(line)
    return errors


def _words(seconds: float) -> str:
    """A rough time."""
    if seconds < 55:
        return f"about {max(10, round(seconds, -1)):.0f} s"
    if seconds < 5400:
        return f"about {seconds / 60:.0f} min"
    return f"about {seconds / 3600:.1f} h"
