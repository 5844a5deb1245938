"""What is known of the demand of a shop's products, as the engine's calendar: the one place that says so."""

from siprems_backend.services.demand.loading import Demand, load_demand

__all__ = ["Demand", "load_demand"]
