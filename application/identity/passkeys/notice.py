from application.identity.jobs import SendNoticeJob
from application.identity.ports import IdentityTx
from domain.identity.confirmation import Letter
from domain.shared.ids import UserId


async def tell(tx: IdentityTx, user_id: UserId, letter: Letter) -> None:
    """Have a person told what became of their passkeys: it may not have been they."""
    await tx.jobs.enqueue(SendNoticeJob(user_id=user_id, letter=letter))
