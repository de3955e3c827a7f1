"""From an error's code to the page of the manual that treats it."""
