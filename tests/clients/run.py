"""Runs the real producers: dbt on DuckDB, and a job of Spark, each sending events to a receiver."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from clients import setup_venv

JAVA = (17, 21)  # what Spark 4 runs on


def dbt(folder: Path, url: str, key: str, *arguments: str) -> None:
    """Run `dbt-ol` on a copy of the project.

    Args:
        folder: where the project is, or comes to be.
        url: of the receiver.
        key: for it.
        arguments: of `dbt-ol`.
    """
    if not folder.exists():
        shutil.copytree(setup_venv.HERE / "dbt", folder)
    own = {
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "OPENLINEAGE_API_KEY": key,
        "OPENLINEAGE_URL": url,
        "ORDERS_DATABASE": str(folder / "orders.duckdb"),
        # dbt-ol calls `dbt` by its name.
        "PATH": f"{setup_venv.program('dbt', '')}{os.pathsep}{os.environ['PATH']}",
    }
    places = ["--project-dir", str(folder), "--profiles-dir", str(folder)]
    _run([str(setup_venv.program("dbt", "dbt-ol")), *arguments, *places], own, folder)


def spark(script: str, folder: Path, url: str, key: str, java: Path) -> None:
    """Run a job of Spark that is told a folder.

    Args:
        script: its name.
        folder: what it is told.
        url: of the receiver.
        key: for it.
        java: home of the Java to run on.
    """
    conf = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.extraListeners": "io.openlineage.spark.agent.OpenLineageSparkListener",
        "spark.openlineage.transport.auth.apiKey": key,
        "spark.openlineage.transport.auth.type": "api_key",
        "spark.openlineage.transport.type": "http",
        "spark.openlineage.transport.url": url,
        "spark.ui.enabled": "false",
    }
    own = {
        "JAVA_HOME": str(java),
        "PYSPARK_PYTHON": str(setup_venv.program("spark", "python")),
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    command = [str(setup_venv.program("spark", "spark-submit")), "--master", "local[2]"]
    command += ["--jars", str(setup_venv.agent())]
    for name, value in conf.items():
        command += ["--conf", f"{name}={value}"]
    _run([*command, str(setup_venv.HERE / "spark" / script), str(folder)], own, folder)


def java_home() -> Path | None:
    """The home of a Java that Spark runs on: what `JAVA_HOME` names, else the one on the path."""
    named, found = os.environ.get("JAVA_HOME"), shutil.which("java")
    homes = [Path(named)] if named else []
    homes += [Path(found).resolve().parents[1]] if found else []
    return next((home for home in homes if _version(home / "bin" / "java") in JAVA), None)


def _version(java: Path) -> int | None:
    try:
        done = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    except OSError:
        return None
    _, _, rest = done.stderr.partition('version "')  # openjdk version "17.0.15" 2025-04-15
    major = rest.partition(".")[0].partition('"')[0]
    return int(major) if major.isdecimal() else None


def _run(command: list[str], own: dict[str, str], folder: Path) -> None:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DBT_", "LINEAGE_", "NEO4J_", "OPENLINEAGE_", "PYTHON", "SPARK_"))
    }
    done = subprocess.run(
        command, cwd=folder, env=kept | own, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
