"""Writes one small story with MLflow's own client: `python write_story.py TRACKING_URI FOLDER`.

The times and ids are fixed where the client lets one fix them. Prints, as JSON, what it made.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path

os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"
os.environ["GIT_PYTHON_REFRESH"] = "quiet"
warnings.simplefilter("ignore")

import mlflow  # noqa: E402
from mlflow.entities import (  # noqa: E402
    Dataset,
    DatasetInput,
    InputTag,
    LoggedModelInput,
    LoggedModelOutput,
    Metric,
    Param,
)

NOW = 1_780_000_000_000
MINUTE = 60_000
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def data(name: str, digest: str, kind: str, source: dict[str, object]) -> Dataset:
    schema = json.dumps({"mlflow_colspec": [{"name": "x", "type": "double", "required": True}]})
    return Dataset(name, digest, kind, json.dumps(source), schema, json.dumps({"num_rows": 3}))


def read(dataset: Dataset, context: str) -> DatasetInput:
    return DatasetInput(dataset, [InputTag("mlflow.data.context", context)])


def main(uri: str, folder: Path) -> dict[str, str]:
    mlflow.set_tracking_uri(uri)
    client = mlflow.MlflowClient(uri)
    made: dict[str, str] = {}
    experiment = client.create_experiment("taxi", artifact_location=(folder / "taxi").as_uri())
    made["experiment"] = experiment
    day1 = data("taxi", "aaaa1111", "s3", {"uri": "s3://lake/taxi/"})
    day2 = data("taxi", "bbbb2222", "s3", {"uri": "s3://lake/taxi/"})
    delta = data(
        "fares", "cccc3333", "delta_table", {"path": "s3a://lake/fares", "delta_table_version": 7}
    )
    local = data("numpy", "dddd4444", "code", {"tags": {"mlflow.source.name": "train.py"}})

    def run(name: str, at: int, **tags: str) -> str:
        told = {
            "mlflow.source.name": "/src/train.py",
            "mlflow.source.type": "LOCAL",
            "mlflow.source.git.commit": COMMIT,
            "mlflow.user": "ada",
            **{key.replace("__", "."): value for key, value in tags.items()},
        }
        found = client.create_run(experiment, NOW + at * MINUTE, tags=told, run_name=name)
        made[name] = found.info.run_id
        return found.info.run_id

    def model(name: str, of: str) -> str:
        logged = client.create_logged_model(
            experiment, name=name, source_run_id=of, model_type="sklearn", tags={"kind": "tree"}
        )
        client.log_outputs(of, [LoggedModelOutput(logged.model_id, step=3)])
        client.finalize_logged_model(logged.model_id, "READY")
        made[f"model of {name}"] = logged.model_id
        return logged.model_id

    # One sweep: a parent and two children, each child with a model of its own.
    sweep = run("sweep", 0)
    first = run("first", 0, mlflow__parentRunId=sweep, team="ride", mlflow__note__content="a note")
    client.log_inputs(first, datasets=[read(day1, "training"), read(delta, "validation")])
    client.log_batch(
        first,
        params=[Param("depth", "3"), Param("seed", "42"), Param("long", "x" * 5000)],
        metrics=[
            Metric("loss", 0.5, NOW + MINUTE, 1),
            Metric("loss", 0.25, NOW + 2 * MINUTE, 2),
            Metric("odd", float("nan"), NOW + MINUTE, 0),
            Metric("huge", float("inf"), NOW + MINUTE, 0),
            Metric("val/acc", 0.75, NOW + MINUTE, 0),
        ],
    )
    tree = model("tree", first)
    client.set_terminated(first, "FINISHED", NOW + 5 * MINUTE)
    second = run("second", 5, mlflow__parentRunId=sweep)
    client.log_inputs(second, datasets=[read(day2, "training"), read(local, "")])
    model("shrub", second)
    client.set_terminated(second, "FINISHED", NOW + 9 * MINUTE)
    client.set_terminated(sweep, "FINISHED", NOW + 10 * MINUTE)

    # An evaluation reads a model; a run of old, a failed, a killed, an endless and a deleted one.
    judge = run("judge", 20, mlflow__source__name="/src/judge.py")
    client.log_inputs(judge, datasets=[read(day1, "eval")], models=[LoggedModelInput(tree)])
    client.set_terminated(judge, "FINISHED", NOW + 21 * MINUTE)
    old = run("old", 30)
    history = [{"run_id": old, "artifact_path": "model", "model_uuid": "u1", "flavors": {}}]
    client.set_tag(old, "mlflow.log-model.history", json.dumps(history))
    client.set_terminated(old, "FINISHED", NOW + 31 * MINUTE)
    client.set_terminated(run("failed", 40), "FAILED", NOW + 41 * MINUTE)
    client.set_terminated(run("killed", 50), "KILLED", NOW + 51 * MINUTE)
    run("endless", 60)
    client.set_terminated(run("backwards", 70), "FINISHED", NOW)
    gone = run("gone", 80)
    client.log_inputs(gone, datasets=[read(day1, "training")])
    client.set_terminated(gone, "FINISHED", NOW + 81 * MINUTE)
    client.delete_run(gone)
    dropped = client.create_experiment("dropped")
    client.create_run(dropped, NOW)
    client.delete_experiment(dropped)
    made["dropped"] = dropped

    # Registered: 1 by its logged model, 2 by run and path, 3 by an address of nobody's.
    client.create_registered_model("taxi-model", tags={"owner": "ada"}, description="Fares")
    location = client.get_logged_model(tree).artifact_location
    client.create_model_version("taxi-model", location, first, tags={"ok": "1"}, model_id=tree)
    artifacts = client.get_run(old).info.artifact_uri
    client.create_model_version("taxi-model", f"{artifacts}/model", old)
    client.create_model_version("taxi-model", (folder / "elsewhere").as_uri())
    client.set_registered_model_alias("taxi-model", "champion", "1")
    client.set_registered_model_alias("taxi-model", "challenger", "2")
    client.transition_model_version_stage("taxi-model", "2", "Production")
    client.transition_model_version_stage("taxi-model", "3", "Staging")
    return made


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1], Path(sys.argv[2]))) + "\n")
