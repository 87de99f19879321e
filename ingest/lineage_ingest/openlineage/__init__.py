"""OpenLineage: run, job and dataset events from files, and how they become records."""
