"""One file per command for developers; imported when it runs."""
