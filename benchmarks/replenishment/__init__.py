"""Orders by the plan beside orders by other rules, on the past of real shops."""
