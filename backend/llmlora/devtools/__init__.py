"""What developers run: checks, tests, measurements and screenshots. Nothing imports it; the command line finds it by name."""
