"""What came out between two moments, account by account: the stuff webhooks are made of."""

from dataclasses import dataclass, field

from entrypoints.sandbox.life.history import History
from entrypoints.sandbox.life.rows import Kind, Row


@dataclass(slots=True)
class AccountNews:
    inserted: list[Row] = field(default_factory=list)
    updated: list[Row] = field(default_factory=list)
    deleted: list[Row] = field(default_factory=list)

    def days(self) -> list[str]:
        return sorted(row.booked_on for row in self.inserted + self.updated + self.deleted)


def news(history: History, since: int) -> dict[int, AccountNews]:
    """Per account index; rows that came and went again in between are no news."""
    found: dict[int, AccountNews] = {}
    for kind, row in history.log[since:]:
        came_now = row.born >= since
        if came_now and row.gone >= 0:
            continue
        of_account = found.setdefault(row.account, AccountNews())
        if kind is Kind.ADD:
            of_account.inserted.append(row)
        elif kind is Kind.DROP:
            of_account.deleted.append(row)
        elif not came_now and row.gone < 0 and row not in of_account.updated:
            of_account.updated.append(row)
    return found
