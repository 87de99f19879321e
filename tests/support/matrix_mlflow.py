"""Writes the logical pipeline with MLflow's client: `matrix_mlflow.py TRACKING_URI PIPELINE_JSON`.

Prints, as JSON, the logical name of each id that it made.
"""

from __future__ import annotations

import json
import sys
import warnings
import zlib
from pathlib import Path
from typing import Any

warnings.simplefilter("ignore")

import mlflow  # noqa: E402
from mlflow.entities import (  # noqa: E402
    Dataset,
    DatasetInput,
    InputTag,
    LoggedModelInput,
    LoggedModelOutput,
    Param,
)

ENDS = {"COMPLETE": "FINISHED", "FAILED": "FAILED"}


class Writer:
    """What was made so far, by logical name."""

    def __init__(self, uri: str, plain: dict[str, Any]) -> None:
        mlflow.set_tracking_uri(uri)
        self.client = mlflow.MlflowClient(uri)
        self.plain = plain
        self.experiment = self.client.create_experiment(plain["experiment"])
        self.ids: dict[str, str] = {}
        self.told: dict[str, dict[str, str]] = {"executions": {}, "artifacts": {}, "runs": {}}

    def write(self) -> None:
        """All runs, and the alias that stands for the push."""
        for step in self.plain["executions"]:
            if step["state"] == "CACHED" or step["node"] == "deploy":
                continue  # what did not run has no run; a push is the alias below
            self.run(step)
        self.client.create_registered_model("taxi")
        model = self.client.get_logged_model(self.ids["model-1"])
        self.client.create_model_version(
            "taxi", model.artifact_location, self.ids["train-1"], model_id=model.model_id
        )
        self.client.set_registered_model_alias("taxi", "champion", "1")
        self.told["executions"]["models:/taxi@champion#1"] = "deploy-1"
        self.told["artifacts"]["models:/taxi@champion#1"] = "pushed-1"

    def run(self, step: dict[str, Any]) -> None:
        tags = {
            "mlflow.source.name": f"/src/{step['node']}.py",
            "mlflow.source.type": "LOCAL",
        }
        if step["code_version"]:
            tags["mlflow.source.git.commit"] = step["code_version"]
        if step["parent"]:
            tags["mlflow.parentRunId"] = self.ids[step["parent"]]
        made = self.client.create_run(
            self.experiment, step["started"], tags=tags, run_name=step["id"]
        )
        run = self.ids[step["id"]] = made.info.run_id
        self.told["executions"][run] = step["id"]
        if step["node"] == "daily":
            self.told["runs"][run] = step["id"].replace("daily", "run")
        self.client.log_batch(
            run, params=[Param(key, str(value)) for key, value in step["properties"].items()]
        )
        models = [LoggedModelInput(self.ids[name]) for _, name in step["reads"] if name in self.ids]
        data = [self.data(role, name) for role, name in step["reads"] if name not in self.ids]
        self.client.log_inputs(run, datasets=data or None, models=models or None)
        for name in step["writes"]:
            if name.startswith("model"):
                self.model(name, run)
        self.client.set_terminated(run, ENDS[step["state"]], step["ended"])

    def data(self, role: str, name: str) -> DatasetInput:
        """A data set that a run reads."""
        digest = f"{zlib.crc32(name.encode()):08x}"
        source: dict[str, Any] = {"uri": f"s3://lake/taxi/{name}"}
        kind = "s3"
        if name == "raw":
            path, version = self.plain["raw"]
            kind, source = "delta_table", {"path": path, "delta_table_version": int(version)}
        else:
            self.told["artifacts"][f"dataset:s3://lake/taxi/{name}?{digest}"] = name
        found = Dataset(name, digest, kind, json.dumps(source))
        return DatasetInput(found, [InputTag("mlflow.data.context", role)])

    def model(self, name: str, run: str) -> None:
        """A logged model that a run makes."""
        made = self.client.create_logged_model(self.experiment, name="taxi", source_run_id=run)
        self.client.log_outputs(run, [LoggedModelOutput(made.model_id, step=0)])
        self.client.finalize_logged_model(made.model_id, "READY")
        self.ids[name] = made.model_id
        self.told["artifacts"][made.model_id] = name


if __name__ == "__main__":
    writer = Writer(sys.argv[1], json.loads(Path(sys.argv[2]).read_text()))
    writer.write()
    sys.stdout.write(json.dumps(writer.told) + "\n")
