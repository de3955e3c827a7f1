"""The names of AIVA Core that its training scripts import."""
