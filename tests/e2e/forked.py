"""`beseda` for scripts that call it often: each command is a fork of one process that has imported everything.

It has words, folder, environment and streams of its own, as a new Python has. Signals do not reach it.
"""

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

COMMAND = """#!{python} -IS
import json, os, socket, sys

with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    socket.send_fds(server, [b"."], [0, 1, 2])
    server.sendall(json.dumps([sys.argv, os.getcwd(), dict(os.environ)]).encode())
    server.shutdown(socket.SHUT_WR)
    sys.exit(server.recv(1)[0])
"""


@contextlib.contextmanager
def fork_server() -> Iterator[Path]:
    """A program to be put into a folder of programs, as `beseda`."""
    with tempfile.TemporaryDirectory(prefix="forked-") as folder:
        address, program = str(Path(folder) / "socket"), Path(folder) / "beseda"
        program.write_text(COMMAND.format(python=sys.executable, address=address))
        program.chmod(0o755)
        command = [sys.executable, "-m", "e2e.forked", address]
        with subprocess.Popen(
            command, cwd=Path(__file__).parents[1], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as server:
            assert server.stdout is not None
            assert server.stdout.read(1) == b"."
            yield program
            server.communicate()


def serve(address: str) -> None:
    """Until standard input ends; also ends so in each process that has run a command."""
    sys.modules["rich"] = None  # type: ignore[assignment]  # as the program does
    gc.disable()
    cli = importlib.import_module("beseda.cli")
    importlib.import_module("beseda.server.cli")
    for command in cli.OURS.values():
        importlib.import_module(command.partition(":")[0])
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those who wait for commands
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        os.write(1, b".")
        while 0 not in select.select([0, listener.fileno()], [], [])[0]:
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                answer(connection)
                break
            connection.close()


def answer(connection: socket.socket) -> None:
    """Run a command in a process of its own; returns, or raises SystemExit, in that one alone."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _, streams, _, _ = socket.recv_fds(connection, 1, 3)
    with connection.makefile("rb") as asked:
        words, folder, environment = json.loads(asked.read())
    if command := os.fork():
        for stream in (*streams, 0, 1, 2):
            os.close(stream)
        code = os.waitstatus_to_exitcode(os.waitpid(command, 0)[1])
        connection.sendall(bytes([code if code >= 0 else 128 - code]))
        os._exit(0)
    connection.close()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w", 1)  # noqa: SIM115
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = words
    importlib.import_module("beseda.__main__").main()


if __name__ == "__main__":
    serve(sys.argv[1])
