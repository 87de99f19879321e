"""The wheel holds what an installed `lineage` needs, and nothing of the checkout's own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
HOSTS = ("pypi" + ".org", "python" + "hosted", "maven" + ".org", "maven.apache" + ".org")
MACHINE = ("/wo" + "rk/", "/ro" + "ot/", "/opt/" + "wheels", "/tmp/" + "neo")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return zipfile.ZipFile(built)


@pytest.fixture(scope="module")
def unpacked(wheel: zipfile.ZipFile, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    wheel.extractall(folder)
    return folder


def tracked() -> list[Path]:
    """Files of the checkout that git knows."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def python(code: str, unpacked: Path, folder: Path) -> str:
    """Run code that sees the unpacked wheel before the checkout."""
    environment = {**os.environ, "PYTHONPATH": str(unpacked)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_every_query_and_style_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    cypher = [path for path in (ROOT / "cypher").rglob("*") if path.is_file()]
    assert cypher
    wanted = {f"lineage/{path.relative_to(ROOT).as_posix()}" for path in cypher}
    assert wanted <= set(wheel.namelist())


@pytest.mark.parametrize("package", ["lineage", "lineage_ingest"])
def test_every_file_of_the_packages_is_in_the_wheel(wheel: zipfile.ZipFile, package: str) -> None:
    parent = ROOT / "ingest" if package == "lineage_ingest" else ROOT
    files = [path for path in tracked() if path.is_relative_to(parent / package)]
    wanted = {path.relative_to(parent).as_posix() for path in files}
    assert wanted <= set(wheel.namelist())


@pytest.mark.parametrize(
    "name",
    [
        "lineage/demo/store.sqlite",
        "lineage/server/jars-5.26.lock",
        "lineage/server/jars-2026.08.lock",
        "lineage/docker/compose.yml",
        "lineage/py.typed",
        "lineage_ingest/py.typed",
    ],
)
def test_data_files_are_in_the_wheel(wheel: zipfile.ZipFile, name: str) -> None:
    assert name in wheel.namelist()


def test_nothing_else_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"lineage", "lineage_ingest"}
    assert not [
        name
        for name in wheel.namelist()
        if "__pycache__" in name or name.split("/")[-1].startswith("test_")
    ]


def test_the_licence_travels_with_it(wheel: zipfile.ZipFile) -> None:
    assert any(name.endswith("licenses/LICENSE") for name in wheel.namelist())


def test_installed_it_finds_its_own_files(unpacked: Path, tmp_path: Path) -> None:
    code = (
        "from lineage import queries; from lineage.demo import store; "
        "print(queries.folder(), len(queries.names()), store(), sep='\\n')"
    )
    folder, count, store = python(code, unpacked, tmp_path).splitlines()
    assert Path(folder) == unpacked / "lineage" / "cypher"
    assert int(count) == len(list((ROOT / "cypher").rglob("*.cypher")))
    assert Path(store).is_relative_to(unpacked)


def test_installed_it_runs_without_the_checkout(unpacked: Path, tmp_path: Path) -> None:
    code = (
        "import sys; sys.argv = ['lineage', 'query', '--list']; import lineage.cli as c; c.main()"
    )
    assert "segment/cut" in python(code, unpacked, tmp_path)


def test_readers_are_found_by_their_entry_points(unpacked: Path, tmp_path: Path) -> None:
    code = (
        "from lineage import readers; import lineage_ingest; "
        "[readers.reader_class(name) for name in readers.reader_names()]; "
        "print(lineage_ingest.__file__, *readers.reader_names())"
    )
    file, *names = python(code, unpacked, tmp_path).split()
    assert Path(file).is_relative_to(unpacked)
    assert {"mlmd", "trace"} <= set(names)


def test_the_lock_covers_every_requirement() -> None:
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    extras = [one for name, all_ in PROJECT["optional-dependencies"].items() for one in all_]
    wanted = {
        re.split(r"[\[<>=;! ]", requirement)[0].lower().replace("_", "-")
        for requirement in (*PROJECT["dependencies"], *extras, *groups["dev"])
    } - {PROJECT["name"]}
    locked = set(re.findall(r"^([a-z0-9][a-z0-9.-]*)==", lock(), re.MULTILINE))
    assert wanted <= locked


def test_the_lock_has_a_hash_for_everything() -> None:
    entries = re.split(r"\n(?=\S)", lock().strip())
    assert all("--hash=sha256:" in entry for entry in entries if not entry.startswith("#"))


def test_no_file_names_a_registry_or_this_machine() -> None:
    found = []
    for path in tracked():
        content = path.read_bytes()
        found += [
            f"{path.relative_to(ROOT)}: {word}"
            for word in (*HOSTS, *MACHINE)
            if word.encode() in content
        ]
    assert found == []


def lock() -> str:
    return (ROOT / "requirements.lock").read_text()
