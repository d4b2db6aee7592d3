"""Kernels and steps that need not import anything: each is forked from a process that has the library loaded.

A step of the grid starts a notebook's kernel, and both spend seconds on importing torch, anndata and matplotlib, for
every notebook anew. So :func:`server` starts one process that imports them once. :class:`Warm`, which Jupyter takes
for its launcher of kernels while the server is there, asks it for a copy, and so does :mod:`zslib.workflow.ask` for a
step. Copies are ordinary processes in all else, with nothing in memory but imported modules. Only Linux can copy a
process so; elsewhere, and without a server, kernels and steps start as they always do.
"""

import contextlib
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from jupyter_client.provisioning import LocalProvisioner

from zslib.workflow import ask

THREADS = "OMP_NUM_THREADS"
NUMBA_THREADS = "NUMBA_NUM_THREADS"
"""Where numba runs something on more threads, torch is given as many from then on."""
PATIENCE = 120
"""Seconds to wait for a copy before starting a kernel in the usual way."""
INLINE = "module://matplotlib_inline.backend_inline"
"""What kernels draw with: matplotlib asks for it when it is loaded, so before there is a kernel."""
LOADED = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "papermill",
    "zslib.metrics.communities",
    "zslib.metrics.umap_steps",
    "zslib.workflow.steps",
    *(
        f"zslib.{name}"
        for name in (
            "results",
            "methods",
            "plots",
            "datasets.prepare",
            "results.report",
            "core.store",
            "tables",
            "studies.expression",
        )
    ),
)
"""What notebooks and steps import."""


@contextlib.contextmanager
def server(threads: int) -> Iterator[dict[str, str]]:
    """Keep a server of copies for as long as the context lasts.

    Parameters
    ----------
    threads
        Cores each copy may use.

    Yields
    ------
    The environment in which kernels and steps come from it; empty where there is none.
    """
    if not sys.platform.startswith("linux"):
        yield {}
        return
    with TemporaryDirectory(prefix="zslib-") as folder:
        address = str(Path(folder) / "kernels")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(address)
            listener.listen(64)  # who asks while the modules are being loaded waits
            process = subprocess.Popen(
                [sys.executable, "-m", "zslib.workflow.warm", str(listener.fileno()), str(os.getpid())],
                pass_fds=[listener.fileno()],
                env=os.environ | {THREADS: str(threads), NUMBA_THREADS: str(threads), "MPLBACKEND": INLINE},
            )
        try:
            yield {ask.SOCKET: address, "JUPYTER_DEFAULT_PROVISIONER_NAME": "zslib-warm"}
        finally:
            process.terminate()
            process.wait()


class Copy:
    """A kernel of the server's, with the face of a :class:`subprocess.Popen`.

    The kernel holds the other end of the connection for as long as it lives, and ends when this end is closed.
    """

    stdin = stdout = stderr = None

    def __init__(self, command: list[str], *, env: dict[str, str], cwd: str | None):
        self._connection, self.pid = ask.copy(command, env, cwd, PATIENCE)
        self._connection.setblocking(False)

    def poll(self) -> int | None:
        """None while it lives; how it ended is not known."""
        try:
            return None if self._connection.recv(1) else 1
        except BlockingIOError:
            return None
        except OSError:
            return 1

    def wait(self) -> int:
        """Only called when it has ended."""
        self._connection.close()
        return 1

    def send_signal(self, number: int) -> None:
        """As of a process."""
        os.kill(self.pid, number)

    def terminate(self) -> None:
        """As of a process."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """As of a process."""
        self.send_signal(signal.SIGKILL)


class Warm(LocalProvisioner):
    """Starts a kernel by asking the server for a copy of itself, or, where there is none that fits, as usual."""

    async def launch_kernel(self, cmd: list[str], **kwargs):
        """Start the kernel."""
        try:
            self.process = Copy(cmd, env=kwargs["env"], cwd=kwargs.get("cwd"))
        except (KeyError, OSError):
            return await super().launch_kernel(cmd, **kwargs)
        self.pid = self.pgid = self.process.pid  # it leads a group of its own
        return self.connection_info


def serve(listener: socket.socket, started_by: int) -> None:
    """Load the modules, then fork a copy for every connection until the process that started this one is gone."""
    os.environ["JPY_PARENT_PID"] = str(os.getpid())  # whose end is the end of its kernels; read on import
    for name in LOADED:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system forgets ended copies by itself
    listener.settimeout(0.5)
    while os.getppid() == started_by:
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            continue
        if not os.fork():
            listener.close()
            return _become(connection)
        connection.close()
    return None


def _become(connection: socket.socket) -> None:
    """Turn this process into the kernel or the step that was asked for, as a new one would."""
    from threadpoolctl import threadpool_limits

    from zslib.core.device import keep_threads

    connection.setblocking(True)
    head, streams, _, _ = socket.recv_fds(connection, ask.SIZE, 2)
    if not head:
        return  # whoever it was has gone
    asked = json.loads(connection.recv(int.from_bytes(head, "big"), socket.MSG_WAITALL))
    for stream, number in zip(streams, (1, 2), strict=True):
        os.dup2(stream, number)
        os.close(stream)
    os.setsid()
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if wanted := os.environ.get(THREADS):
        threadpool_limits(int(wanted))
        keep_threads()
    try:
        connection.sendall(os.getpid().to_bytes(ask.SIZE, "big"))
    except OSError:
        return  # whoever it was has waited for too long
    threading.Thread(target=_end_with, args=(connection,), daemon=True).start()
    command = asked["command"]
    if ask.KERNEL in command:
        _be_kernel(command[command.index(ask.KERNEL) :])
    else:
        _be_step(command[command.index(ask.STEPS) + 1 :], connection)


def _be_kernel(argv: list[str]) -> None:
    from ipykernel.kernelapp import IPKernelApp

    sys.argv = argv
    IPKernelApp.launch_instance(argv[1:])


def _be_step(arguments: list[str], connection: socket.socket) -> None:
    from zslib.workflow import steps

    status = 1
    try:
        steps.main(*arguments)
        status = 0
    except SystemExit as said:
        print(said, file=sys.stderr)
    except Exception:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    connection.sendall(bytes([status]))


def _end_with(connection: socket.socket) -> None:
    """End this process when the other end of the connection is closed."""
    with contextlib.suppress(OSError):
        connection.recv(1)
    os._exit(1)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2]))
