"""Pictures of products: what is taken, and what is not."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tests.shop import add_product
from torg.catalogue.models import ProductImage

pytestmark = pytest.mark.django_db


def drawn(kind, *, size=(8, 8), mode="RGB"):
    stream = io.BytesIO()
    Image.new(mode, size).save(stream, kind)
    return stream.getvalue()


@pytest.fixture
def send(owner, product_form, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    product = add_product()

    def post(name="", content=b"", **fields):
        form = product_form(product, **{"images-TOTAL_FORMS": "1"})
        form |= {"images-0-product": str(product.pk), "images-0-position": "0", "images-0-alt": ""}
        form |= {f"images-0-{name}": value for name, value in fields.items()}
        if name:
            form["images-0-file"] = SimpleUploadedFile(name, content)
        return owner.post(f"/backoffice/catalogue/product/{product.pk}/change/", form)

    return post


def picture_errors(page):
    assert page.status_code == 200
    return page.context["inline_admin_formsets"][1].formset.errors[0]


@pytest.mark.parametrize(
    ("kind", "extension"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp"), ("GIF", "gif")]
)
def test_pictures_that_browsers_show_are_kept_under_a_name_of_ours(send, tmp_path, kind, extension):
    content = drawn(kind)
    assert send("../../evil name.html", content, alt="Front").status_code == 302
    image = ProductImage.objects.get()
    assert re.fullmatch(rf"products/\d{{4}}/\d\d/[0-9a-f]{{32}}\.{extension}", image.file.name)
    assert (tmp_path / image.file.name).read_bytes() == content
    assert (image.alt, image.url) == ("Front", "")


def test_the_address_of_a_picture_is_kept(send):
    assert send(url="https://example.com/a.jpg").status_code == 302
    assert ProductImage.objects.get().url == "https://example.com/a.jpg"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>', "Give a JPEG, PNG, WebP or GIF."),
        ("a.png", b"<script>alert(1)</script>", "Give a JPEG, PNG, WebP or GIF."),
        ("a.png", drawn("BMP"), "Give a JPEG, PNG, WebP or GIF."),
        ("a.png", drawn("TIFF"), "Give a JPEG, PNG, WebP or GIF."),
        (
            "a.png",
            drawn("PNG", size=(10_000, 5_001), mode="1"),
            "The picture has more than 50 million pixels.",
        ),
        ("a.jpg", drawn("JPEG") + bytes(10 * 1024 * 1024), "The picture is larger than 10 MB."),
    ],
    ids=["svg", "script", "bmp", "tiff", "pixels", "bytes"],
)
def test_other_files_are_refused(send, tmp_path, name, content, said):
    assert picture_errors(send(name, content))["file"] == [said]
    assert not ProductImage.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_picture_is_a_file_or_an_address_not_both(send):
    errors = picture_errors(send("a.png", drawn("PNG"), url="https://example.com/a.jpg"))
    assert errors == {"__all__": ["Give either a file or a URL."]}
    assert not ProductImage.objects.exists()


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://example.com/a.jpg", "a b"])
def test_an_address_that_is_none_of_a_picture_is_refused(send, url):
    assert "url" in picture_errors(send(url=url))
    assert not ProductImage.objects.exists()
