"""Whatever a test of the application is refused with must stand in the OpenAPI document."""

import re
from collections.abc import Mapping
from typing import Final

import httpx

from entrypoints.http.openapi import refusals
from entrypoints.http.shell.plans import RoutePlan

LOOKED_AT: Final = {401, 403, 404, 409, 410, 422}
"""What a caller can do something about; sizes, methods and troubles of ours are the shell's."""


class UndocumentedAnswerError(AssertionError):
    pass


class Documented:
    """Watches every answer that a client gets."""

    def __init__(self, plans: Mapping[tuple[str, str], RoutePlan]) -> None:
        shown = [plan for plan in plans.values() if plan.handler.resolve_include_in_schema()]
        # Addresses without a parameter first: `/accounts/same` is no account.
        self._plans = sorted(shown, key=lambda plan: plan.template.count("{"))

    async def __call__(self, answer: httpx.Response) -> None:
        if answer.status_code not in LOOKED_AT:
            return
        plan = self._plan_of(answer.request)
        if plan is not None and answer.status_code not in refusals(plan):
            raise UndocumentedAnswerError(f"{plan.name} answers {answer.status_code}")

    def _plan_of(self, request: httpx.Request) -> RoutePlan | None:
        found = (plan for plan in self._plans if plan.method == request.method)
        return next((plan for plan in found if _fits(plan.template, request.url.path)), None)


def _fits(template: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) is not None
