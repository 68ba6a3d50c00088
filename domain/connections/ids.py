from typing import NewType
from uuid import UUID

AttemptId = NewType("AttemptId", UUID)
