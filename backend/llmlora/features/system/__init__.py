"""The machine and the services: what there is, how it is, what is wrong and the cure."""
