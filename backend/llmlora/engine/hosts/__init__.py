"""Hosts: where runs live. A host starts a run and gives back a handle: `process` executes a child, `nursery` forks one."""
