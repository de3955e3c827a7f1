"""How every HTTP slice speaks: problems, pages, guards. Nothing of the domain; imported by endpoints alone."""
