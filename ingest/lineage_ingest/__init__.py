"""Readers: one module or package for each native format; none knows the graph."""
