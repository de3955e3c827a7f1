"""One file per command of the CLI; heavy rooms are imported when a command runs, not before."""
