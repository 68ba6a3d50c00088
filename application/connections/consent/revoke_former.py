from contextlib import suppress
from dataclasses import dataclass

from application.connections.banks import Banks
from application.connections.consent.jobs import RevokeFormerJob
from application.connections.gateway import AccessGoneError, RenewalRequiredError
from application.connections.ports import BeginConnectionsTx
from application.shared.jobs import Lease


@dataclass(frozen=True, slots=True)
class RevokeFormer:
    """End the consent that a renewal has put another one in the place of.

    Its history goes on under the new one. Left alone, the old one would live on at the provider
    with nobody here who could still end it.
    """

    begin: BeginConnectionsTx
    banks: Banks

    async def __call__(self, job: RevokeFormerJob, lease: Lease) -> bool:
        """Whether there was still something to end. Safe to repeat.

        Raises:
            ProviderUnavailableError, ProviderMisconfiguredError, SealBrokenError: to be retried.
        """
        async with self.begin(job.user_id) as tx:
            await tx.jobs.hold(lease)
            access = await tx.accesses.find(job.former)
        if access is not None:
            with suppress(AccessGoneError, RenewalRequiredError):  # then there is none any more
                await self.banks.of(job.provider).revoke(access)
        async with self.begin(job.user_id) as tx:
            await tx.jobs.hold(lease)
            if await tx.accesses.delete(job.former):
                facts = {"connection_id": str(job.connection_id), "provider": job.provider.value}
                await tx.audit.record(job.user_id, "connections.former_revoked", facts)
            await tx.jobs.finish(lease)
            await tx.commit()
        return access is not None
