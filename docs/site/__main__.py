"""`python -m docs.site`: build the site, with every warning an error."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from docs.site.build import ROOT, MissingGeneratorError, SiteError, build


def main() -> int:
    """Build the site; 0 when it is whole."""
    parser = argparse.ArgumentParser(prog="python -m docs.site", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "site", metavar="FOLDER")
    try:
        pages = build(parser.parse_args().out)
    except (MissingGeneratorError, SiteError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    sys.stdout.write(f"{pages} pages in {parser.parse_args().out}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
