"""The one MetaData, and the words every table uses."""

from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, MetaData, String, Uuid

metadata: Final = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    }
)


def owner() -> Column[UUID]:
    """Whose row it is: first in the primary key and in every index of a person's table."""
    return Column("user_id", Uuid, primary_key=True)


def id_column(name: str = "id", *, primary_key: bool = True) -> Column[UUID]:
    return Column(name, Uuid, primary_key=primary_key, nullable=False)


def instant(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def currency(name: str = "currency", *, nullable: bool = False) -> Column[str]:
    return Column(name, String(3), nullable=nullable)


def currency_is_iso(column: str = "currency") -> CheckConstraint:
    # Money checks this too; a row written by anything but our code must not slip past it.
    return CheckConstraint(f"{column} ~ '^[A-Z]{{3}}$'", name=f"{column}_is_iso")


def one_of(column: str, words: type[object] | tuple[str, ...]) -> CheckConstraint:
    """The column holds one of these words: a tuple, or the values of a StrEnum."""
    values = words if isinstance(words, tuple) else tuple(str(w) for w in words)  # type: ignore[attr-defined]
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} in ({listed})", name=f"{column}_is_known")
