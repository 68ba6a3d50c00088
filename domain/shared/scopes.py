"""What an API key may be allowed to do. A person who signed in may do all of it, and more."""

from enum import StrEnum


class Scope(StrEnum):
    """One word for what, one for how; the names are part of the API and never change."""

    PROFILE_READ = "profile:read"
    PROFILE_WRITE = "profile:write"
    CONNECTIONS_READ = "connections:read"
    CONNECTIONS_WRITE = "connections:write"
    LEDGER_READ = "ledger:read"
    LEDGER_WRITE = "ledger:write"
    JOBS_READ = "jobs:read"
