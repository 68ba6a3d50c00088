"""How long anything may take in the database: nothing waits for ever."""

from typing import Final

STATEMENT: Final = "30s"
STATEMENT_AT_LENGTH: Final = "15min"
"""Of a job that moves a hundred thousand entries in one statement."""
LOCK: Final = "20s"
"""Of whoever nobody waits for: a worker, a command."""
LOCK_OF_A_REQUEST: Final = "2s"
"""Somebody waits for the answer, and holds a connection that everybody needs."""
