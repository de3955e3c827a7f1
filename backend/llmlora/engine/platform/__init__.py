"""The platform of `up`: services and programs under one supervisor."""
