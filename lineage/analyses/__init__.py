"""Analyses: one module each, with the same stem as its Cypher files.

Every module has `QUERIES`: the queries that it runs, with the model of their rows. A row's fields
are the query's columns.
"""
