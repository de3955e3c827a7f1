"""Runs what the recipes describe: child processes, embedded services, inference servers."""
