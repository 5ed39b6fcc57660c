"""The addresses of the JSON face."""

from django.urls import path
from drf_spectacular.views import SpectacularSwaggerView

from torg.api.cache import CacheView
from torg.api.categories import CategoryDetailView, CategoryTreeView, RootCategoriesView
from torg.api.products import FeaturedProductsView, ProductDetailView, ProductListView
from torg.api.schema_view import SchemaView
from torg.api.warming_jobs import WarmingJobsView, WarmingJobView

urlpatterns = [
    path("docs", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("v1/schema", SchemaView.as_view(), name="schema"),
    path("v1/products", ProductListView.as_view(), name="products"),
    path("v1/products/featured", FeaturedProductsView.as_view(), name="featured-products"),
    path("v1/products/<slug:slug>", ProductDetailView.as_view(), name="product"),
    path("v1/categories", RootCategoriesView.as_view(), name="categories"),
    path("v1/categories/tree", CategoryTreeView.as_view(), name="category-tree"),
    path("v1/categories/<slug:slug>", CategoryDetailView.as_view(), name="category"),
    path("v1/staff/cache", CacheView.as_view(), name="staff-cache"),
    path("v1/staff/warming-jobs", WarmingJobsView.as_view(), name="staff-warming-jobs"),
    path("v1/staff/warming-jobs/<uuid:job_id>", WarmingJobView.as_view(), name="staff-warming-job"),
]
