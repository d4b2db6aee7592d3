"""What a terminal shows of a running grid: a line a step, how many are done, and anything that went wrong."""

import re
from collections.abc import Iterable, Iterator

COUNT = re.compile(r"^(\d+) of (\d+) steps")
CHATTER = re.compile(
    r"^(\[\w{3} \w{3} .*\d{4}\]|Finished job|Select jobs|Execute \d+ jobs|Complete log|Elapsed time|Building DAG"
    r"|Using shell|Provided |Rules claiming|Job stats|job +count|-{3,}|Nothing to be done|Assuming unrestricted"
    r"|host:|Config file |Resuming incomplete|\w+ +\d+$|RuleException|CalledProcessError in|Command 'set |Exiting because"
    r"|WorkflowError|At least one job did not|Removing output files|Error in rule|$)"
)
ERROR = "error: "
"""What a step's own account of a fault of the user's begins with."""


def lines(output: Iterable[str]) -> Iterator[str]:
    """Keep of Snakemake's output what a person wants to see.

    Parameters
    ----------
    output
        Lines as Snakemake and the steps write them, in order.

    Yields
    ------
    The lines of steps and of errors, each with the share of steps done before it.
    """
    done, total = 0, 0
    for line in output:
        line = line.rstrip("\n")
        if found := COUNT.match(line):
            done, total = int(found[1]), int(found[2])
        elif not CHATTER.match(line):
            yield f"[{done:>3}/{total or '?'}] {line}"
