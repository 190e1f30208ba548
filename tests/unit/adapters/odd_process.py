"""A program that `Processes` starts in tests: it does what a request says, good or bad."""

import os
import signal
import sys


def main() -> None:
    reply(b"")
    while len(head := sys.stdin.buffer.read(4)) == 4:
        request = sys.stdin.buffer.read(int.from_bytes(head, "big"))
        match request:
            case b"hang":
                signal.pause()
            case b"exit":
                os._exit(1)
            case b"kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case b"stop":
                os.kill(os.getpid(), signal.SIGSTOP)
            case b"half":
                answer(b"\0\0\0\x09ha")
                signal.pause()
            case b"much":
                answer(b"\xff\xff\xff\xff" + b"x" * 100)
                signal.pause()
            case b"pid":
                reply(str(os.getpid()).encode())
            case b"environment":
                reply("\n".join(os.environ).encode())
            case _:
                reply(request[::-1])


def reply(content: bytes) -> None:
    answer(len(content).to_bytes(4, "big") + content)


def answer(content: bytes) -> None:
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


main()
