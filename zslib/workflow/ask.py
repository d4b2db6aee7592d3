"""Ask for a copy of the loaded process: ``python -m zslib.workflow.ask NAME JSON`` runs a step of the grid in one.

It does what ``python -m zslib.workflow.steps NAME JSON`` does, which is also what runs where no copy can be had, and
leaves out the seconds of imports. The copies come from :mod:`zslib.workflow.warm`. Nothing heavy is loaded here.
"""

import contextlib
import json
import os
import socket
import sys

SOCKET = "ZSLIB_KERNELS"
STEPS, KERNEL = "zslib.workflow.steps", "ipykernel_launcher"
"""Modules that a copy can go on as."""
SIZE = 8
"""Bytes of a number on the wire."""
READY = 1
"""Seconds to wait for a copy for a step; a server that is still loading is not waited for."""


def copy(
    command: list[str], env: dict[str, str], cwd: str | None, patience: float
) -> tuple[socket.socket, int]:
    """Ask the server for a copy of itself that goes on as a command would.

    Parameters
    ----------
    command
        As given to a new process; it names one of the modules above, and its arguments after that.
    env, cwd
        Environment and folder of the copy; the environment names the server.
    patience
        Seconds to wait.

    Returns
    -------
    connection
        The copy holds the other end. It ends when this end is closed; a step first sends its exit status, a byte.
    pid
        Its process.

    Raises
    ------
    KeyError
        If the environment names no server.
    OSError
        If the server does not answer in time, or is gone.
    """
    address = env[SOCKET]
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(patience)
        connection.connect(address)
        asked = json.dumps({"command": command, "env": env, "cwd": str(cwd or os.getcwd())}).encode()
        socket.send_fds(connection, [len(asked).to_bytes(SIZE, "big")], [1, 2])
        connection.sendall(asked)
        if answer := connection.recv(SIZE):
            return connection, int.from_bytes(answer, "big")
        raise ChildProcessError("the server of copies is gone")
    except BaseException:
        connection.close()
        raise


def main(*arguments: str) -> int:
    """Run a step; its exit status."""
    connection = None
    with contextlib.suppress(KeyError, OSError):
        connection, _ = copy([STEPS, *arguments], dict(os.environ), None, READY)
    if connection is None:
        from zslib.workflow import steps

        steps.main(*arguments)
        return 0
    connection.settimeout(None)
    status = connection.recv(1)
    return status[0] if status else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
