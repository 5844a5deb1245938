"""`python -m siprems_engine.forecasting.fast` compiles the kernels when an environment or image is built."""

from siprems_engine.forecasting.fast.warm_up import warm_up

warm_up()
