"""What a Dockerfile says, and what of the clone it sees."""
