"""From forecasts to orders: demand until the delivery after next, policies, plan lines, replays.

Pure numpy over many products at once; arrays in, arrays out.
"""
