"""SIPREMS: demand forecasting and replenishment backend."""
