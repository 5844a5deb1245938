"""What to order: suppliers and parameters, orders on their way, and the plan."""
