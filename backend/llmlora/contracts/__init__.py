"""What the rooms say to each other: pydantic models and protocols, nothing that runs."""
