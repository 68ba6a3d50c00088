from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from application.secrets.ports import BeginSecretsTx
from domain.shared.ids import HOUSE


class HouseAct(StrEnum):
    BACKED_UP = "secrets.backed_up"
    RESTORED = "secrets.restored"


@dataclass(frozen=True, slots=True)
class RecordAct:
    """Write down what an administrator did to the house; before it is done, where that can be."""

    begin: BeginSecretsTx

    async def __call__(self, act: HouseAct, facts: Mapping[str, str]) -> None:
        async with self.begin(HOUSE) as tx:
            await tx.audit.record(HOUSE, act.value, facts)
            await tx.commit()
