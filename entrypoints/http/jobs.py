"""Work under way, for whoever asked for it."""

from uuid import UUID

from dishka import FromDishka
from dishka.integrations.litestar import DishkaRouter
from litestar import Router, get
from litestar.params import FromPath

from application.jobs.view_job import JobStatus, ViewJob, ViewJobQuery
from application.shared.caller import Caller
from domain.shared.ids import JobId
from domain.shared.scopes import Scope
from entrypoints.http.envelope import Data


@get("/jobs/{job_id:uuid}", name="jobs.get", scope=Scope.JOBS_READ)
async def view_job(
    job_id: FromPath[UUID], caller: FromDishka[Caller], view: FromDishka[ViewJob]
) -> Data[JobStatus]:
    """How far a job is that was started for you.

    `ready` waits, `leased` is being worked on, `done` is over, `dead` has failed too often. Done
    with an `error`, it was refused for that reason, and changed nothing.
    """
    return Data(await view(ViewJobQuery(caller.user_id, JobId(job_id))))


def jobs_router() -> Router:
    return DishkaRouter("/api/v1", route_handlers=[view_job], tags=["jobs"])
