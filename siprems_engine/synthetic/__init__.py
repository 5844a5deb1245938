"""Invented sales with known truth: for demonstrations, and for asking whether a forecaster finds it."""

from siprems_engine.synthetic.product import Pattern, ProductTruth
from siprems_engine.synthetic.shop import Shop, ShopTruth, generate_shop

__all__ = ["Pattern", "ProductTruth", "Shop", "ShopTruth", "generate_shop"]
