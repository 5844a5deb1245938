"""Forecasts of the whole shop at once: made and stored by workers, served by web processes."""
