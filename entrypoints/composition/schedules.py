"""The chores of the house and how often they are done."""

from datetime import timedelta
from typing import Final

from application.connections.consent.jobs import FindDueConsentsJob
from application.connections.jobs import FindOutOfStepJob
from application.jobs.schedule import Schedule
from application.jobs.tidy import TidyJob
from application.ledger.jobs import KeepRatesJob

SCHEDULES: Final = (
    Schedule(
        "connections.find_out_of_step", timedelta(hours=1), lambda: FindOutOfStepJob(user_id=None)
    ),
    Schedule(
        "connections.find_due_consents",
        timedelta(hours=1),
        lambda: FindDueConsentsJob(user_id=None),
    ),
    # One of the three is soon after the central bank has published the day's rates.
    Schedule("ledger.keep_rates", timedelta(hours=8), KeepRatesJob),
    Schedule("jobs.tidy", timedelta(days=1), lambda: TidyJob(user_id=None)),
)
