"""Steps of the grid, each forked from one process that has loaded the library.

``python -m zslib.workflow.forked request NAME JSON`` does what ``python -m zslib.workflow.steps NAME JSON`` does, and leaves
out the seconds of imports where it is run by ``python -m zslib.workflow.forked serve COMMAND``: 1.7 s in place of 9.7 s a
step, so 614 s of the default book's 156 steps on two cores (``benchmarks/starts.py``). Only Linux can copy a process so.
Nothing heavy is loaded here.
"""

import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

STEPS = "zslib.workflow.steps"
COMPILED = tuple(f"zslib.metrics.{name}" for name in ("communities", "pairs_cpu", "umap_steps"))
LOADED = (STEPS, *COMPILED, "zslib.plots", "zslib.results.report", "zslib.tables", "scanpy")
"""What steps and notebooks import."""
SOCKET, GRID_PID, THREADS = "ZSLIB_STEPS", "ZSLIB_GRID_PID", "OMP_NUM_THREADS"
RECORDED = ("run", "reconstruct")
"""Steps that record how their process died, so that the rest of the grid goes on."""


def serve(command: list[str]) -> int:
    """Run a command, and meanwhile fork the steps that it asks for; its exit status."""
    with TemporaryDirectory(prefix="zslib-") as folder, socket.socket(socket.AF_UNIX) as listener:
        os.environ[SOCKET] = str(Path(folder) / "socket")
        listener.bind(os.environ[SOCKET])
        listener.listen(64)
        listener.settimeout(0.2)
        grid = subprocess.Popen(command)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the grid ends in order, and this after it
        running: list[int] = []
        while grid.poll() is None:
            running = [pid for pid in running if not os.waitpid(pid, os.WNOHANG)[0]]
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            _load()  # by the first step; a grid that is up to date has none
            if not (pid := os.fork()):
                _step(connection)
            running.append(pid)
            connection.close()
        return grid.returncode


@cache
def _load() -> None:
    """Load what steps import, and hash the code of their stages: results follow from what is loaded, not from later edits."""
    for name in LOADED:
        importlib.import_module(name)
    sources, stages = (sys.modules[f"zslib.results.{name}"] for name in ("sources", "stages"))
    for path in sources.code(stages.__file__):
        sources.content(path, False)


def _step(connection: socket.socket) -> None:
    """Turn this process into the step that is asked for, as a new one would be, and end with it."""
    from threadpoolctl import threadpool_limits

    status = 1
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        asked = json.loads(connection.makefile().readline())
        os.environ.clear()
        os.environ.update(asked["environment"])
        if wanted := os.environ.get(THREADS):
            threadpool_limits(int(wanted))
        sys.modules[STEPS].main(*asked["arguments"])
        status = 0
    except SystemExit as said:
        print(said, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        connection.sendall(bytes([status]))
        os._exit(status)


def request(name: str, arguments: str) -> int:
    """Run a step, forked if it can be had so; its exit status."""
    status = _request(name, arguments)
    if status < 0 and name in RECORDED:
        return _request(name, json.dumps(json.loads(arguments) | {"died": True}))
    return abs(status)


def _request(*arguments: str) -> int:
    """The exit status of a step; below 0 if its process died."""
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(os.environ[SOCKET])
        except (KeyError, OSError):
            return subprocess.run([sys.executable, "-m", STEPS, *arguments], check=False).returncode
        asked = {"arguments": arguments, "environment": dict(os.environ)}
        connection.sendall(json.dumps(asked).encode() + b"\n")
        status = connection.recv(1)
        return status[0] if status else -1


def die_with_grid() -> None:
    """Exit when the process that started the grid is gone.

    A step left over from a killed run must not write after a newer run has begun.
    """

    def check() -> None:
        try:
            os.kill(int(os.environ[GRID_PID]), 0)
        except ProcessLookupError:
            os._exit(1)

    def watch() -> None:
        while True:
            check()
            time.sleep(0.5)

    if GRID_PID in os.environ:
        check()
        threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    sys.exit(serve(sys.argv[2:]) if sys.argv[1] == "serve" else request(*sys.argv[2:]))
