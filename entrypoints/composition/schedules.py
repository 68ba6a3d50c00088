"""The chores of the house and how often they are done."""

from datetime import timedelta
from typing import Final

from application.connections.jobs import FindOutOfStepJob
from application.jobs.schedule import Schedule
from application.jobs.tidy import TidyJob

SCHEDULES: Final = (
    Schedule(
        "connections.find_out_of_step", timedelta(hours=1), lambda: FindOutOfStepJob(user_id=None)
    ),
    Schedule("jobs.tidy", timedelta(days=1), lambda: TidyJob(user_id=None)),
)
