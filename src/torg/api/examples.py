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

_CACHE_FIGURES: dict[str, Any] = {
    "at": "2026-03-01T12:00:30Z",
    "reads": {"memory": 9_120, "redis": 240, "built": 61, "bypass": 0, "missing": 12, "hit_ratio": 0.9935},
    "not_modified": 310,
    "marks_raised": 96,
    "marks_failed": 0,
    "confirmations": 36_010,
    "kinds": [
        {
            "kind": "product",
            "memory": 9_120,
            "redis": 240,
            "built": 61,
            "bypass": 0,
            "missing": 12,
            "hit_ratio": 0.9935,
            "builds": 61,
            "build_seconds": 0.183,
        }
    ],
    "minutes": [
        {"at": "2026-03-01T12:00:00Z", "hits": 9_360, "misses": 61, "builds": 61, "build_seconds": 0.183}
    ],
    "memory": {"processes": 3, "documents": 118, "bytes": 921_400},
    "redis": {
        "is_up": True,
        "version": "7.2.4",
        "memory_bytes": 4_194_304,
        "max_memory_bytes": 0,
        "keys": 1_204,
        "epoch": 6_093_178_262_710_481,
        "marks": 96,
        "relay_lag_ms": 42,
    },
    "database": {
        "is_up": True,
        "changes": 31,
        "changes_unconfirmed": 0,
        "horizon_transactions": 0,
        "horizon_seconds": 0.0,
    },
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
    "CacheFigures": _CACHE_FIGURES,
}
