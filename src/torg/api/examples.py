"""Examples for the schema: a small shop, the same in every place."""

from typing import Any

_MONEY = {"amount": "24.90", "currency": "EUR"}
_IMAGE = {"url": "/media/demo/mug-moss.svg", "alt": "A moss green stoneware mug"}
_CARD: dict[str, Any] = {
    "id": "01920a5b-6c00-7000-8000-0000000000a1",
    "slug": "stoneware-mug",
    "sku": "MUG-1-MOSS",
    "name": "Stoneware Mug",
    "brand": "Alder & Finch",
    "price": _MONEY,
    "compare_at_price": {"amount": "29.90", "currency": "EUR"},
    "availability": "in_stock",
    "rating": {"average": None, "count": 0},
    "image": _IMAGE,
    "category": {"slug": "mugs", "name": "Mugs"},
    "is_featured": True,
    "created_at": "2026-09-19T08:30:00Z",
}
_MUGS = {"id": "01920a5b-6c00-7000-8000-0000000000c2", "slug": "mugs", "name": "Mugs", "product_count": 12}
_KITCHEN = {
    "id": "01920a5b-6c00-7000-8000-0000000000c1",
    "slug": "kitchen",
    "name": "Kitchen",
    "product_count": 48,
}

_WARMING_JOB: dict[str, Any] = {
    "id": "01920a5b-6c00-7000-8000-0000000000d1",
    "job_type": "products",
    "status": "running",
    "created_at": "2026-10-02T14:05:10Z",
    "started_at": "2026-10-02T14:05:10Z",
    "completed_at": None,
    "duration": 2.118,
    "done": 9800,
    "total": 50000,
    "error_message": "",
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "ProductList": {
        "results": [_CARD],
        "next": "/api/v1/products?category=mugs&cursor=WyItY3JlYXRlZF9hdCJd",
        "previous": None,
        "count": 12,
        "count_is_exact": True,
    },
    "ProductDetail": {
        **_CARD,
        "category": {"slug": "mugs", "name": "Mugs", "ancestors": [{"slug": "kitchen", "name": "Kitchen"}]},
        "description": "<p>Thrown by hand, glazed in moss green.</p>",
        "images": [_IMAGE],
        "attributes": {"color": ["Moss", "Clay"]},
        "variants": [
            {
                "sku": "MUG-1-MOSS",
                "price": _MONEY,
                "attributes": {"color": "Moss"},
                "availability": "in_stock",
            },
            {
                "sku": "MUG-1-CLAY",
                "price": _MONEY,
                "attributes": {"color": "Clay"},
                "availability": "low_stock",
            },
        ],
        "updated_at": "2026-10-02T14:05:10Z",
    },
    "FeaturedProducts": {"results": [_CARD]},
    "CategoryTree": {"results": [{**_KITCHEN, "children": [{**_MUGS, "children": []}]}]},
    "RootCategories": {"results": [{**_KITCHEN, "children": [_MUGS]}]},
    "CategoryDetail": {
        **_MUGS,
        "description": "Mugs and cups.",
        "ancestors": [{"slug": "kitchen", "name": "Kitchen"}],
        "children": [],
    },
    "WarmingJob": _WARMING_JOB,
    "WarmingJobList": {
        "results": [_WARMING_JOB],
        "next": None,
        "previous": None,
        "count": 1,
        "count_is_exact": True,
    },
    "NewWarmingJob": {"job_type": "products"},
}
