"""Watching forecasts: those of the past beside what sold, and whether a product has left its forecast."""
