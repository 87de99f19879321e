"""The `lineage` command: each command is one call of the Python API.

Only what `--help` needs is imported at the top of these modules; a command imports the rest when
it runs, so that help and wrong usage answer at once.
"""

from __future__ import annotations

import os
import sys

__all__ = ["main"]

BROKEN_PIPE = 141  # as for any program that SIGPIPE ends


def main() -> None:
    """Run the command line, and end the process with its exit code.

    Exit codes: 0 done, 1 an error that is explained in one line, 2 wrong usage, 130 interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:  # a name may hold what the terminal's encoding lacks
            reconfigure(errors="backslashreplace")
    try:
        from lineage.cli.app import app
        from lineage.cli.commands import register

        register()
        try:
            app(prog_name="lineage")
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        # The reader (`| head`) has what it wanted. Nothing is left to say, and nobody to say it
        # to; the flush at exit must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(BROKEN_PIPE) from None
    except KeyboardInterrupt:  # before or after the command itself
        raise SystemExit(130) from None
