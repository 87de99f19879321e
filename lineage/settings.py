"""Settings: a flag wins over the environment, that over `lineage.toml`, that over the default."""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from pathlib import Path
from typing import Any, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from lineage.errors import SettingsError
from lineage.naming import Naming
from lineage.recipes import Recipes

FILE = "lineage.toml"


class Settings(BaseModel):
    """Everything that can be set; each field names its environment variable."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    neo4j_uri: str | None = Field(None, description="address of a running Neo4j")
    neo4j_username: str = Field("neo4j", description="its user")
    neo4j_password: SecretStr | None = Field(None, description="the user's password")
    neo4j_database: str | None = Field(None, description="database; none means the user's home")
    neo4j_version: str = Field("5.26", description="version line of the local server")
    api_key: SecretStr | None = Field(
        None, description="key that `lineage serve` asks its clients for"
    )
    cost_property: str | None = Field(
        None, description="execution property that holds the cost; else the duration is the cost"
    )
    cost_unit: str = Field("s", description="unit of `cost_property`")
    reference_roles: tuple[str, ...] = Field(
        ("baseline_model", "analyzer_cache"), description="input roles that only compare or hint"
    )
    horizon_days: float = Field(
        7.0, gt=0, description="days of silence after which a running execution counts as abandoned"
    )
    batch_rows: int = Field(5_000, gt=0, description="rows in one write transaction")
    operator_rules: tuple[dict[str, str], ...] = Field(
        (), description='classes of executions: `{pattern = "*MyTrainer", class = "training"}`'
    )
    artifact_rules: tuple[dict[str, str], ...] = Field((), description="classes of artifacts")
    dataset_rules: tuple[dict[str, str], ...] = Field(
        (),
        description='other names of data sets: `{pattern = "s3://landing/*/orders", name = "o"}`',
    )
    apart: tuple[str, ...] = Field(
        (), description="data sets, as globs, of which other names that a source tells do not count"
    )
    reuse_rules: tuple[dict[str, Any], ...] = Field(
        (),
        description="properties that say nothing of what is computed, or all of what is read: "
        '`{pattern = "*ExampleGen", volatile = ["tag"], fingerprint = "etag", seed = "rng"}`',
    )
    unseeded_training: bool = Field(
        False, description="whether trainings without a known code version or seed can be redundant"
    )
    hint_roles: tuple[str, ...] = Field(
        ("analyzer_cache",), description="input roles that do not alter what is computed"
    )
    family_properties: tuple[str, ...] = Field(
        ("model_family", "model_type", "estimator"),
        description="properties of a training that name the model's family; the first one counts",
    )
    pushed_stages: tuple[str, ...] = Field(
        ("Production",), description="stages of registered models that mean that one was pushed"
    )
    pushed_aliases: tuple[str, ...] = Field(
        ("champion", "production", "prod"), description="likewise aliases"
    )
    push_hours: float | None = Field(
        None,
        gt=0,
        description="hours after the start of its training from which on a model that is not "
        "pushed never will be; else estimated: 199 of 200 pushes came sooner",
    )
    waste_model: str | None = Field(
        None,
        description="file of the predictor of pushes; else `waste-model.zip` beside the databases",
    )
    statistics_roots: tuple[str, ...] = Field(
        (), description="folders below which `ingest` may read the statistics of data sets"
    )
    statistics_megabytes: float = Field(
        64.0, gt=0, description="size of the largest file of statistics that is read"
    )
    storage_megabytes_per_second: float = Field(
        100.0, gt=0, description="how fast outputs that are kept for reuse are loaded"
    )
    storage_seconds: float = Field(
        0.1, ge=0, description="how long it takes before such a load begins"
    )
    storage_cost_per_second: float | None = Field(
        None,
        ge=0,
        description="cost of a second of loading, in the unit of costs; else 1 where that is "
        "seconds, and nothing where it is not",
    )

    def naming(self) -> Naming:
        """The naming with the rules of these settings.

        Raises:
            SettingsError: a rule cannot be understood.
        """
        return Naming.of(self.operator_rules, self.artifact_rules, self.reference_roles)

    def recipes(self) -> Recipes:
        """The rules by which executions are compared.

        Raises:
            SettingsError: a rule cannot be understood.
        """
        return Recipes.of(self.reuse_rules, unseeded=self.unseeded_training)

    def check_rules(self) -> None:
        """Read all rules, as loading would.

        Raises:
            SettingsError: one of them cannot be understood.
        """
        from lineage.load.names import Names  # its package needs this module

        self.naming()
        self.recipes()
        Names(self.dataset_rules, self.apart)

    def derivation(self) -> str:
        """A digest of what classes, costs and edge types depend on."""
        fields = {
            "cost_property",
            "cost_unit",
            "reference_roles",
            "operator_rules",
            "artifact_rules",
            "dataset_rules",
            "apart",
            "reuse_rules",
            "unseeded_training",
            "hint_roles",
            "family_properties",
            "pushed_stages",
            "pushed_aliases",
            "statistics_roots",
            "statistics_megabytes",
        }
        return hashlib.sha256(self.model_dump_json(include=fields).encode()).hexdigest()[:16]

    @classmethod
    def load(cls, path: Path | None = None, **flags: Any) -> Self:
        """Read the settings that hold here.

        Args:
            path: the settings file; by default `LINEAGE_CONFIG`, else `lineage.toml` in the
                working folder or above it.
            flags: values given by the caller; None means not given.

        Raises:
            SettingsError: a value cannot be understood, or a key is unknown.
        """
        values = {name: where.value for name, where in resolve(path, **flags).items()}
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"])
            raise SettingsError(f"setting {field}: {first['msg']}") from None


class Won(NamedTuple):
    """Where a setting's value came from."""

    value: Any
    origin: str


def environment_name(field: str) -> str:
    """The environment variable of a setting."""
    return (
        field.upper()
        if field.startswith("neo4j_") and field != "neo4j_version"
        else f"LINEAGE_{field.upper()}"
    )


def resolve(path: Path | None = None, **flags: Any) -> dict[str, Won]:
    """Each setting that is not at its default, with where its value came from.

    Raises:
        SettingsError: the file is no TOML.
    """
    found: dict[str, Won] = {}
    file = path or find_file()
    if file is not None:
        found |= {name: Won(value, str(file)) for name, value in _read(file).items()}
    for field in Settings.model_fields:
        value = os.environ.get(environment_name(field))
        if value:
            found[field] = Won(_split(field, value), environment_name(field))
    found |= {name: Won(value, "flag") for name, value in flags.items() if value is not None}
    return found


def find_file() -> Path | None:
    """The settings file that holds in the working folder, if any."""
    if named := os.environ.get("LINEAGE_CONFIG"):
        return Path(named)
    here = Path.cwd()
    return next((f / FILE for f in (here, *here.parents) if (f / FILE).is_file()), None)


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"settings file {file}: {error}") from None


def _split(field: str, value: str) -> Any:
    """Lists come from the environment as comma-separated text, rules as JSON."""
    if field.endswith("_rules"):
        try:
            return json.loads(value)
        except json.JSONDecodeError as error:
            raise SettingsError(f"{environment_name(field)} is no JSON: {error}") from None
    return (
        tuple(part.strip() for part in value.split(","))
        if field.endswith(("_roles", "_roots", "_properties", "_stages", "_aliases"))
        or field == "apart"
        else value
    )
