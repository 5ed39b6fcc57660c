"""A form for what has a name and, made of it where none is typed, a slug."""

from typing import Any, ClassVar

from torg.backoffice.refusals import RefusableForm
from torg.lib.text import clean_line, slug_from


class SluggedForm(RefusableForm):
    """A form with the fields ``name`` and ``slug``; ``slug_limit`` is in characters."""

    slug_limit: ClassVar[int]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = "Its address in the shop; made of the name when left empty."

    def clean_name(self) -> str:
        """Make one clean line of it."""
        return clean_line(self.cleaned_data["name"])

    def clean_slug(self) -> str:
        """Make one of the name when none is given."""
        return self.cleaned_data["slug"] or slug_from(self.cleaned_data.get("name", ""), self.slug_limit)
