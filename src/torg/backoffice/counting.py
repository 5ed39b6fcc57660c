"""Counting long lists without visiting every row of them."""

import json
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

if TYPE_CHECKING:
    _Paginator = Paginator[Any]
else:
    _Paginator = Paginator

EXACT_UP_TO = 10_000


class About(int):
    """A number that is estimated, and says so wherever a page shows it: ``about 46,000``."""

    def __str__(self) -> str:
        return f"about {int(self):,}"


class EstimatingPaginator(_Paginator):
    """Counts exactly to 10,000; beyond that takes the planner's estimate, rounded to look like one."""

    @cached_property
    def count(self) -> int:
        """How many there are, or about how many."""
        rows = self.object_list
        if not isinstance(rows, QuerySet):
            return super().count
        # Without `values` each row would be counted with all that the list shows of it.
        counted = rows.order_by().values("pk")[: EXACT_UP_TO + 1].count()
        return counted if counted <= EXACT_UP_TO else About(max(counted, _estimate(rows)))


def _estimate(rows: QuerySet[Any]) -> int:
    plan = json.loads(rows.order_by().values("pk").explain(format="json"))
    return round(int(plan[0]["Plan"]["Plan Rows"]), -3)
