"""The mathematics of SIPREMS: arrays in, arrays out, no web framework and no database."""
