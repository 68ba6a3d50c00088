"""Where a database is, for the connections that the driver opens without SQLAlchemy."""

from dataclasses import dataclass, field
from typing import Any, Self

from sqlalchemy.engine import make_url

_PORT = 5432


@dataclass(frozen=True, slots=True)
class Address:
    user: str | None
    password: str | None = field(repr=False)
    database: str | None
    host: str | None
    """A name, or the folder of a socket."""
    port: int
    ssl: str | None
    """As the URL asks for it (`require`, `verify-full`); None: TLS where the server offers it."""

    @classmethod
    def of(cls, url: str) -> Self:
        """What SQLAlchemy reads in `postgresql+asyncpg://...`: every connection is made alike."""
        target = make_url(url)
        asked = {name: str(value) for name, value in target.query.items()}
        return cls(
            user=target.username,
            password=target.password,
            database=target.database,
            host=target.host or asked.get("host"),
            port=target.port or int(asked.get("port", _PORT)),
            ssl=asked.get("ssl"),
        )

    def keywords(self) -> dict[str, Any]:
        """For `asyncpg.connect` and `asyncpg.create_pool`."""
        return {
            "user": self.user,
            "password": self.password,
            "database": self.database,
            "host": self.host,
            "port": self.port,
            "ssl": self.ssl,
        }
