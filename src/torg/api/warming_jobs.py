"""Warming jobs: what is warmed and was, and starting to."""

from typing import Any, ClassVar
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from django.db.models import DateTimeField, UUIDField, Value
from django.http import HttpResponse
from django.urls import reverse
from rest_framework.request import Request

from torg.api.problems import Refusal
from torg.api.staff import StaffView, staff_response
from torg.api.staff_schema import describe_staff
from torg.api.staff_shapes import NewWarmingJob, WarmingJob, WarmingJobList
from torg.caching import models
from torg.caching.warming.groups import NoSuchGroup
from torg.caching.warming.start import start_or_join
from torg.lib.keyset import Cursor, Order, Page, WrongCursor, parse_cursor
from torg.lib.parameters import (
    FieldError,
    Parameter,
    Parameters,
    WrongParameters,
    integer_parser,
    wrong_value,
)

NEWEST_FIRST = Order("newest", {"created_at": DateTimeField(), "id": UUIDField()}, is_descending=True)
PAGE_SIZE = 20
PARAMETERS = Parameters(
    (
        Parameter(
            name="page_size",
            parse=integer_parser(1, 100),
            description="How many jobs on a page.",
            schema={"type": "integer", "minimum": 1, "maximum": 100, "default": PAGE_SIZE},
            default=PAGE_SIZE,
        ),
        Parameter(
            name="cursor",
            parse=parse_cursor,
            write=Cursor.encoded,
            description="Where the page begins, as in `next` and `previous`.",
            schema={"type": "string", "maxLength": 4000},
        ),
    )
)


class WarmingJobsView(StaffView):
    """The list of warming jobs."""

    permissions: ClassVar = {"GET": "caching.view_warmingjob", "POST": "caching.add_warmingjob"}

    @describe_staff(
        "List warming jobs",
        answers={200: (WarmingJobList, "A page of jobs, the newest first.")},
        refusals=[400],
        parameters=PARAMETERS,
    )
    def get(self, request: Request) -> HttpResponse:
        """The jobs of the last month, the newest first. Permission `caching.view_warmingjob`."""
        asked = PARAMETERS.read(request.GET.lists())
        page = _page(asked.get("cursor"), asked.get("page_size", PAGE_SIZE))
        found = models.WarmingJob.objects.in_bulk([row["id"] for row in page.rows])
        body = WarmingJobList(
            results=[WarmingJob.of(found[row["id"]]) for row in page.rows if row["id"] in found],
            next=_url(asked, page.next),
            previous=_url(asked, page.previous),
            count=models.WarmingJob.objects.count(),
            count_is_exact=True,
        )
        return staff_response(request, body)

    @describe_staff(
        "Start warming",
        answers={
            201: (WarmingJob, "A new job; `Location` tells where it is."),
            200: (WarmingJob, "One of this type waits already, which does the same."),
        },
        refusals=[400, 415],
        body=NewWarmingJob,
    )
    def post(self, request: Request) -> HttpResponse:
        """Have a worker build what is not fresh, what is read most first. Permission `caching.add_warmingjob`."""
        try:
            wanted = msgspec.convert(request.data, NewWarmingJob)
            job, is_new = start_or_join(wanted.job_type)
        except (msgspec.ValidationError, NoSuchGroup) as error:
            wrong = FieldError(field="job_type", code="invalid_value", detail=str(error))
            raise Refusal(400, "invalid_input", "The input is not valid.", [wrong]) from error
        response = staff_response(request, WarmingJob.of(job), status=201 if is_new else 200)
        response.headers["Location"] = reverse("staff-warming-job", args=[job.pk])
        return response


class WarmingJobView(StaffView):
    """One warming job."""

    permissions: ClassVar = {"GET": "caching.view_warmingjob"}

    @describe_staff(
        "Get a warming job", answers={200: (WarmingJob, "The job, and how far it is.")}, refusals=[404]
    )
    def get(self, request: Request, job_id: UUID) -> HttpResponse:
        """How far a job is. Permission `caching.view_warmingjob`."""
        job = models.WarmingJob.objects.filter(pk=job_id).first()
        if job is None:
            raise Refusal(404, "not_found", "There is nothing at this address.")
        return staff_response(request, WarmingJob.of(job))


def _page(cursor: Cursor | None, size: int) -> Page:
    rows = models.WarmingJob.objects.all()
    try:
        after = NEWEST_FIRST.key_of(cursor) if cursor else None
    except WrongCursor:
        wrong = wrong_value("cursor", "Is not of this list; take it from next or previous.")
        raise WrongParameters([wrong]) from None
    if cursor is None or after is None:
        sorted_rows = NEWEST_FIRST.sorted(rows)
    else:
        columns = NEWEST_FIRST.columns.values()
        values = [Value(value, output_field=field) for value, field in zip(after, columns, strict=True)]
        sorted_rows = NEWEST_FIRST.beyond(rows, after=values, is_backward=cursor.is_backward)
    fetched = list(sorted_rows.values(*NEWEST_FIRST.columns)[: size + 1])
    return NEWEST_FIRST.cut(fetched, size=size, cursor=cursor)


def _url(asked: dict[str, Any], cursor: Cursor | None) -> str | None:
    if cursor is None:
        return None
    return f"{reverse('staff-warming-jobs')}?{urlencode(PARAMETERS.texts_of({**asked, 'cursor': cursor}))}"
