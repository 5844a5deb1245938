"""Forecasts of categories and of the whole shop, coherent with those of their products."""
