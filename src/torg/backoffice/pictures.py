"""Pictures of products: what may be uploaded, and the rows of the product's form."""

import io
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import URLValidator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminImageSmallFieldWidget, UnfoldAdminURLInputWidget

from torg.backoffice.refusals import RefusableForm
from torg.catalogue.models import ProductImage
from torg.lib.ids import uuid7

# The formats that browsers show and that hold nothing that could run (SVG may hold scripts).
EXTENSIONS = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "GIF": ".gif"}
MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 50_000_000


class PictureField(forms.ImageField):
    """An uploaded JPEG, PNG, WebP or GIF of up to 10 MB and 50 million pixels, under a name of our own."""

    widget = UnfoldAdminImageSmallFieldWidget
    default_validators = []  # The name is replaced, so what it ends with does not matter.

    def to_python(self, data: Any) -> Any:
        """Check size, format and pixels before a pixel is decoded, then let Django verify the file."""
        if data in self.empty_values or not isinstance(data, UploadedFile):
            return super().to_python(data)
        if (data.size or 0) > MOST_BYTES:
            raise ValidationError("The picture is larger than 10 MB.", code="too_large")
        picture_format = _format_of(data)
        picture: Any = super().to_python(data)
        picture.name = f"{uuid7().hex}{EXTENSIONS[picture_format]}"
        return picture

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Have the browser offer only files that are accepted."""
        return {**super().widget_attrs(widget), "accept": "image/jpeg,image/png,image/webp,image/gif"}


def _format_of(upload: "UploadedFile[Any]") -> str:
    from PIL import Image  # noqa: PLC0415  # Two megabytes, which processes without uploads do not need.

    try:
        upload.seek(0)
        with Image.open(io.BytesIO(upload.read()), formats=list(EXTENSIONS)) as picture:
            picture_format, (width, height) = picture.format or "", picture.size
    except Image.DecompressionBombError:
        width, height, picture_format = MOST_PIXELS, MOST_PIXELS, ""
    except (OSError, ValueError, SyntaxError) as error:
        raise ValidationError("Give a JPEG, PNG, WebP or GIF.", code="invalid_image") from error
    finally:
        upload.seek(0)
    if width * height > MOST_PIXELS:
        raise ValidationError("The picture has more than 50 million pixels.", code="too_many_pixels")
    return picture_format


class PictureForm(RefusableForm):
    """One picture: a file or the address of one."""

    file = PictureField(required=False)
    url = forms.URLField(
        label="URL",
        required=False,
        max_length=2000,
        assume_scheme="https",
        validators=[URLValidator(schemes=["http", "https"])],
        widget=UnfoldAdminURLInputWidget,
    )

    class Meta:
        model = ProductImage
        fields = ("file", "url", "alt", "position")


def thumbnail(image: ProductImage | None, *, size: int = 40) -> SafeString:
    """Show a picture in a square of ``size`` pixels; an empty one when there is none."""
    box = f"width: {size}px; height: {size}px"
    if image is None:
        return format_html(
            '<span class="bg-base-100 block rounded-default dark:bg-base-800" style="{}"></span>', box
        )
    return format_html(
        '<img src="{}" alt="" loading="lazy" referrerpolicy="no-referrer" style="{}" '
        'class="bg-base-100 max-w-none object-cover rounded-default dark:bg-base-800">',
        image.file.url if image.file else image.url,
        box,
    )


class PictureInline(TabularInline):
    """The pictures of a product, in the order in which shoppers see them."""

    model = ProductImage
    form = PictureForm
    verbose_name = "picture"
    verbose_name_plural = "pictures"
    fields = ("preview", "file", "url", "alt", "position")
    readonly_fields = ("preview",)
    ordering_field = "position"
    hide_ordering_field = True
    hide_title = True
    extra = 0

    @display(description="preview")
    def preview(self, image: ProductImage) -> SafeString:
        """Show the picture."""
        return thumbnail(image if image.file or image.url else None, size=56)
