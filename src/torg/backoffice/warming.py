"""Warming jobs: what was warmed, and a button to warm each group."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import URLPattern, path
from unfold.admin import ModelAdmin
from unfold.decorators import display

from torg.backoffice.site import site
from torg.caching.models import WarmingJob
from torg.caching.warming.groups import NoSuchGroup, job_types
from torg.caching.warming.start import start_or_join

STATUS_COLOURS = {
    WarmingJob.Status.PENDING.label: "info",
    WarmingJob.Status.RUNNING.label: "primary",
    WarmingJob.Status.COMPLETED.label: "success",
    WarmingJob.Status.FAILED.label: "danger",
}


@admin.register(WarmingJob, site=site)
class WarmingJobAdmin(ModelAdmin):
    """What workers warm; jobs are started here, and changed by nobody but their worker."""

    list_display = ("job_type", "state", "progress", "created_at", "took", "errors")
    list_display_links = ("job_type",)
    list_filter = ("status",)
    show_facets = admin.ShowFacets.NEVER
    list_before_template = "backoffice/start_warming.html"
    ordering = ("-created_at", "-id")
    actions = ()
    fields = (
        ("job_type", "state"),
        ("progress", "took"),
        ("created_at", "started_at", "completed_at"),
        ("build", "attempts", "seen_at"),
        "error_message",
    )
    readonly_fields = (
        "job_type", "state", "progress", "took", "created_at", "started_at", "completed_at", "build", "attempts",
        "seen_at", "error_message",
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Jobs are started by a button, not filled in."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """A job is its worker's."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """They are removed a month after they ended."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show the list, and a button for each group to whoever may start jobs."""
        startable = job_types() if _may_start(request) else []
        return super().changelist_view(request, {**(extra_context or {}), "startable": startable})

    def get_urls(self) -> list[URLPattern]:
        """Add the address that the buttons send to."""
        start = path("start/", self.admin_site.admin_view(self.start), name="caching_warmingjob_start")
        return [start, *super().get_urls()]

    def start(self, request: HttpRequest) -> HttpResponse:
        """Start to warm the group whose button was pressed."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not _may_start(request):
            raise PermissionDenied
        try:
            job, is_new = start_or_join(request.POST.get("job_type", ""))
        except NoSuchGroup as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            done = "A worker will warm" if is_new else "A job that does this waits already for"
            self.message_user(request, f"{done} {job.job_type}.", messages.SUCCESS)
        listed: HttpResponseRedirect = redirect("backoffice:caching_warmingjob_changelist")
        return listed

    @display(description="status", ordering="status", label=STATUS_COLOURS)
    def state(self, job: WarmingJob) -> str:
        """How far it is, in a word."""
        return WarmingJob.Status(job.status).label

    @display(description="documents")
    def progress(self, job: WarmingJob) -> str:
        """How many documents are fresh."""
        return f"{job.done} of {job.total}"

    @display(description="took")
    def took(self, job: WarmingJob) -> str:
        """How long it took, or has taken until now."""
        return "" if job.duration is None else f"{job.duration.total_seconds():.1f} s"

    @display(description="errors")
    def errors(self, job: WarmingJob) -> str:
        """The first line of what went wrong."""
        return job.error_message.partition("\n")[0][:100]


def _may_start(request: HttpRequest) -> bool:
    return request.user.has_perm("caching.add_warmingjob")
