"""A client that speaks to the shop as a shop front does."""

import json

import pytest
from django.test import Client


class ShopFront:
    """Sends GET requests to this shop, as its own host."""

    def __init__(self):
        self.client = Client(headers={"host": "localhost"})

    def get(self, path, **headers):
        return self.client.get(
            path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )

    def json(self, path):
        response = self.get(path)
        assert response.status_code == 200, response.content
        return json.loads(response.content)

    def names(self, path):
        return [product["name"] for product in self.json(path)["results"]]

    def refusal(self, path, status=400):
        response = self.get(path)
        assert response.status_code == status, response.content
        assert response["Content-Type"] == "application/problem+json"
        return json.loads(response.content)


@pytest.fixture
def front(db):
    return ShopFront()
