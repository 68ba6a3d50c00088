import sys


def say(line: str) -> None:
    """Results, for the person at the terminal or the program behind a pipe."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def complain(line: str) -> None:
    """What is wrong, and what is going on; never part of the result."""
    sys.stderr.write(f"daler: {line}\n")
    sys.stderr.flush()
