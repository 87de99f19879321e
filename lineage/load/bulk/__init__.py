"""Bulk load: a whole source into an empty local server, by way of Neo4j's importer.

Rows that are plain are converted column by column. Whatever is unusual about a row (an id that
comes twice, a list among its properties, an end that is missing) is left to the loader over Bolt,
once the rest is there: so each of those rules is written down once.
"""
