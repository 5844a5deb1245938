"""How good forecasts were that were really made, and what is done about products that left theirs."""
