"""Samplers of sweeps: Optuna, made again of the trials at each ask, in a process of its own."""
