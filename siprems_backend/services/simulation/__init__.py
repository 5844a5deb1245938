"""What orders would have come to: a shop's past once more, by the plan and by simpler rules."""

from siprems_backend.services.simulation.conditions import Conditions
from siprems_backend.services.simulation.from_files import SimulationRequest, simulate_files
from siprems_backend.services.simulation.results import RuleLine, Simulation

__all__ = ["Conditions", "RuleLine", "Simulation", "SimulationRequest", "simulate_files"]
