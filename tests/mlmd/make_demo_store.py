"""Makes the demo store: two taxi pipelines over two weeks of May 2026, through `ml-metadata`.

    .venv-mlmd/bin/python tests/mlmd/make_demo_store.py lineage/demo/store.sqlite

The same seed gives the same content. `--config JSON` (a `ConnectionConfig`) fills a server instead;
its times are then the present.

What is in it, for the demonstration: rolling windows of three spans, warm starts, baselines,
analyzer caches, a schema made once and imported ever after, tuning now and then, models that were
blessed or not and pushed or not, cached steps, steps computed again for nothing, failures, a second
pipeline that reads the first one's spans and seldom pushes, and one trainer still running.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from demo_story import Story
from demo_writer import Writer
from google.protobuf import json_format
from ml_metadata.proto import metadata_store_pb2 as pb


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", nargs="?", help="of the SQLite file to make anew")
    parser.add_argument("--config", help="JSON of a ConnectionConfig, to fill a server instead")
    parser.add_argument("--seed", type=int, default=2021)
    given = parser.parse_args()
    config = pb.ConnectionConfig()
    if given.config:
        json_format.Parse(given.config, config)
    else:
        Path(given.path).unlink(missing_ok=True)
        config.sqlite.filename_uri = given.path
    writer = Writer(config)
    Story(writer, given.seed).tell()
    if not given.config:
        writer.set_times(given.path)


if __name__ == "__main__":
    main()
