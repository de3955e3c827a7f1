"""What the kind is called in tables, addresses and settings."""

TABLE = "table"
