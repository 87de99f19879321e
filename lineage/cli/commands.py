"""Every command, in the order in which help lists them."""

from __future__ import annotations


def register() -> None:
    """Make the commands known to the application."""
    # Importing a module registers its commands; the order here is the order in help.
    from lineage.cli import demo, server, doctor, simulate, load, serve, prune  # noqa: F401, I001
    from lineage.cli import ask, compare, reuse, waste, query  # noqa: F401
