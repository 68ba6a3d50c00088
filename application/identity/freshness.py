from datetime import datetime

from application.shared.caller import FreshCaller, Standing
from domain.identity.errors import StepUpRequiredError
from domain.identity.session import PROOF_FRESH, SessionKind


def fresh(standing: Standing, now: datetime) -> FreshCaller:
    """The caller, if they proved lately to be there.

    Raises:
        StepUpRequiredError: they should prove it again; an API key never can.
    """
    if standing.kind != SessionKind.DEVICE or now - standing.proved_at > PROOF_FRESH:
        raise StepUpRequiredError
    return FreshCaller(standing.caller.user_id, standing.caller.session_id)
