"""What a piece of work costs the database, instead of a stopwatch."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine


@contextmanager
def statements(engine: AsyncEngine) -> Iterator[list[str]]:
    """Every statement that reaches the database meanwhile, without its values, and every end.

    A savepoint that is let go of and one that is gone back to are one word here: neither waits
    for the disk. COMMIT and ROLLBACK are two, for one of them does.
    """
    seen = list[str]()

    def note(_: object, __: object, statement: str, *___: object) -> None:
        end = statement.startswith(("RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT"))
        seen.append("END OF SAVEPOINT" if end else statement)

    def committed(_: object) -> None:
        seen.append("COMMIT")

    def rolled_back(_: object) -> None:
        seen.append("ROLLBACK")

    listeners = (
        ("before_cursor_execute", note),
        ("commit", committed),
        ("rollback", rolled_back),
    )
    for name, listener in listeners:
        event.listen(engine.sync_engine, name, listener)
    try:
        yield seen
    finally:
        for name, listener in listeners:
            event.remove(engine.sync_engine, name, listener)
