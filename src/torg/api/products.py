"""Products: the list, one, and the featured ones."""

from typing import ClassVar

from torg.api.documents import DocumentView
from torg.api.schema import describe
from torg.pages.featured_products import FEATURED
from torg.pages.product_detail import PRODUCT
from torg.pages.product_list import PRODUCTS
from torg.pages.shapes import FeaturedProducts, ProductDetail, ProductList


@describe("List products", shape=ProductList, kind=PRODUCTS, tag="Products")
class ProductListView(DocumentView):
    """Products on sale, filtered and sorted, a page at a time."""

    kind: ClassVar = PRODUCTS


@describe("Get a product", shape=ProductDetail, kind=PRODUCT, tag="Products")
class ProductDetailView(DocumentView):
    """One product on sale, with its variants, pictures and place in the tree."""

    kind: ClassVar = PRODUCT


@describe("List featured products", shape=FeaturedProducts, kind=FEATURED, tag="Products")
class FeaturedProductsView(DocumentView):
    """The products that the merchant puts in front, newest first."""

    kind: ClassVar = FEATURED
