"""How often a bank may be looked at while nobody is there who asked for it.

Four times in 24 hours: article 36(5)(b) of the regulatory technical standards on strong customer
authentication, Commission Delegated Regulation (EU) 2018/389. It speaks of each account.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

READS_MAX: Final = 4
WINDOW: Final = timedelta(hours=24)


def free_at(reads: Sequence[Sequence[datetime]], now: datetime) -> datetime:
    """From when on one more look is allowed: `now`, or the moment the oldest falls out.

    `reads` are the earlier looks, account by account; each account must allow it.
    """
    return max((_free_at(of_account, now) for of_account in reads), default=now)


def _free_at(reads: Sequence[datetime], now: datetime) -> datetime:
    counted = sorted(at for at in reads if at > now - WINDOW)
    return now if len(counted) < READS_MAX else max(now, counted[-READS_MAX] + WINDOW)
