"""What is asked of a living session before something is done in it."""

from datetime import datetime

from application.shared.caller import FreshCaller, Standing
from domain.identity.errors import StepUpRequiredError
from domain.identity.errors_staff import SecondFactorRequiredError
from domain.identity.factors import two_factors
from domain.identity.session import PROOF_FRESH, Method, SessionKind


def fresh(standing: Standing, now: datetime) -> FreshCaller:
    """The caller, if they proved lately to be there.

    Raises:
        StepUpRequiredError: they should prove it again; an API key never can.
    """
    if standing.kind != SessionKind.DEVICE or now - standing.proved_at > PROOF_FRESH:
        raise StepUpRequiredError
    return FreshCaller(standing.caller.user_id, standing.caller.session_id)


def ensure_two_factors(standing: Standing) -> None:
    """A key counts as the session that it was made in.

    Raises:
        SecondFactorRequiredError
    """
    if not two_factors([Method(method) for method in standing.methods]):
        raise SecondFactorRequiredError
