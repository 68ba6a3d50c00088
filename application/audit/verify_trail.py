"""Walk every person's audit trail and say where it can no longer be trusted."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Final

from application.audit.ports import AuditChains
from domain.audit.chain import Break, Damage, Head, Verifier
from domain.shared.ids import UserId

PAGE_SIZE: Final = 1_000


@dataclass(frozen=True, slots=True)
class BrokenChain:
    user_id: UserId
    seq: int
    what: Damage


@dataclass(frozen=True, slots=True)
class TrailReport:
    persons: int = 0
    rows: int = 0
    """Entries that are as they were written."""
    breaks: tuple[BrokenChain, ...] = ()

    @property
    def whole(self) -> bool:
        return not self.breaks


@dataclass(frozen=True, slots=True)
class VerifyTrail:
    """Safe to run while people work: each page is judged by the head of its own moment.

    A chain stops at its first break; the other chains are still walked.
    """

    chains: AuditChains
    page_size: int = PAGE_SIZE

    async def __call__(self) -> TrailReport:
        report = TrailReport()
        async for user_id in self._persons():
            rows, broken = await self._walk(user_id)
            found = (BrokenChain(user_id, broken.seq, broken.what),) if broken else ()
            report = replace(
                report,
                persons=report.persons + 1,
                rows=report.rows + rows,
                breaks=report.breaks + found,
            )
        return report

    async def _persons(self) -> AsyncIterator[UserId]:
        after: UserId | None = None
        while page := await self.chains.persons(after, self.page_size):
            for user_id in page:
                yield user_id
            after = page[-1]

    async def _walk(self, user_id: UserId) -> tuple[int, Break | None]:
        verifier = Verifier(user_id, Head())
        after = 0
        while True:
            page = await self.chains.page(user_id, after, self.page_size)
            verifier.head = page.head
            for entry in page.entries:
                if broken := verifier.next(entry):
                    return verifier.rows, broken
            if len(page.entries) < self.page_size:
                return verifier.rows, verifier.end() or _never_begun(verifier)
            after = page.entries[-1].seq


def _never_begun(verifier: Verifier) -> Break | None:
    # Registering is audited: somebody without a single entry had their whole trail removed.
    return None if verifier.rows else Break(1, Damage.MISSING)
