"""The OpenAPI document says the truth, and the docs page shows it."""

import re

import pytest
from django.urls import get_resolver
from drf_spectacular.validation import validate_schema

from torg.api.examples import EXAMPLES

SHAPES = {"/api/v1/products": "ProductList", "/api/v1/products/{slug}": "ProductDetail"}


@pytest.fixture
def schema(front):
    return front.json("/api/v1/schema")


def test_the_schema_is_valid_openapi_3_1(schema):
    assert schema["openapi"].startswith("3.1")
    validate_schema(schema)


def test_every_address_of_the_api_is_described(schema):
    api = next(pattern for pattern in get_resolver().url_patterns if str(pattern.pattern) == "api/")
    routes = {re.sub(r"<\w+:(\w+)>", r"{\1}", f"/api/{pattern.pattern}") for pattern in api.url_patterns}
    assert set(schema["paths"]) == routes - {"/api/docs", "/api/v1/schema"}


def test_every_operation_has_an_example_and_tells_its_errors(schema):
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            content = operation["responses"]["200"]["content"]["application/json"]
            name = content["schema"]["$ref"].rsplit("/", 1)[1]
            assert next(iter(content["examples"].values()))["value"] == EXAMPLES[name], path
            refusals = {status for status in operation["responses"] if status >= "400"}
            assert refusals
            for status in refusals:
                assert "application/problem+json" in operation["responses"][status]["content"]
            assert ("304" in operation["responses"]) == (method == "get")
            assert "content" not in operation["responses"].get("304", {})
            assert ("404" in refusals) == ("{" in path)
            assert ({"401", "403"} <= refusals) == ("/staff/" in path)


def test_the_parameters_of_the_list_are_all_there(schema):
    parameters = {
        parameter["name"]: parameter for parameter in schema["paths"]["/api/v1/products"]["get"]["parameters"]
    }
    assert set(parameters) == {
        "category", "brand", "price_min", "price_max", "in_stock", "featured", "rating_min", "attr.NAME",
        "sort", "page_size", "cursor", "page", "If-None-Match",
    }  # fmt: skip
    assert parameters["sort"]["schema"]["enum"] == ["-created_at", "price", "-price", "name", "-rating"]


def test_the_docs_page_needs_nothing_from_elsewhere(front):
    response = front.get("/api/docs")
    assert response.status_code == 200
    assert b"/api/v1/schema" in response.content
    assert b"https://" not in response.content
