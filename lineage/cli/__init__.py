"""The `lineage` command: each command is one call of the Python API.

Only what `--help` needs is imported at the top of these modules; a command imports the rest when
it runs, so that help and wrong usage answer at once.
"""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line, and end the process with its exit code.

    Exit codes: 0 done, 1 an error that is explained in one line, 2 wrong usage, 130 interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:  # a name may hold what the terminal's encoding lacks
            reconfigure(errors="backslashreplace")
    from lineage.cli.app import BROKEN_PIPE, app, hush, say_error
    from lineage.cli.commands import register

    register()
    try:
        try:
            app(prog_name="lineage")
        except OSError as error:  # from help or the version: commands tell theirs themselves
            hush()
            say_error(f"error: standard output: {error.strerror}")
            raise SystemExit(1) from None
    finally:
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            hush()
            raise SystemExit(BROKEN_PIPE) from None
        except OSError as error:  # such as a full disk
            hush()
            say_error(f"error: standard output: {error.strerror}")
            raise SystemExit(1) from None
