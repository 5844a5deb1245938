"""Forecasts of categories and of the shop that add up with those of their products."""
