"""What would have happened: real demand once more, day by day, with orders by one rule or another."""
