"""Texts: instructions and answers, conversations, running text, preferred answers."""
