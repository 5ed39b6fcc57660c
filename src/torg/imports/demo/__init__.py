"""A believable shop of our own making, to look at, to develop against and to measure with."""

from torg.imports.demo.shop import DemoShop, ShopIsNotEmpty, create_demo_shop

__all__ = ["DemoShop", "ShopIsNotEmpty", "create_demo_shop"]
