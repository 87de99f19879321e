"""Classes are found from names in the promised order, and globs do not misfire."""

from __future__ import annotations

import pytest

from lineage.errors import SettingsError
from lineage.naming import REFERENCE_ROLES, MatchedBy, Naming, Rule
from lineage.naming_tables import ARTIFACT_NAMES, OPERATOR_NAMES
from lineage.records import ArtifactClass as A
from lineage.records import OperatorClass as O

TFX = {
    "tfx.components.example_gen.csv_example_gen.component.CsvExampleGen": O.INGESTION,
    "tfx.components.example_gen.import_example_gen.component.ImportExampleGen": O.INGESTION,
    "tfx.components.statistics_gen.component.StatisticsGen": O.ANALYSIS,
    "tfx.components.schema_gen.component.SchemaGen": O.ANALYSIS,
    "tfx.components.example_validator.component.ExampleValidator": O.VALIDATION,
    "tfx.components.transform.component.Transform": O.TRANSFORMATION,
    "tfx.components.tuner.component.Tuner": O.TUNING,
    "tfx.components.trainer.component.Trainer": O.TRAINING,
    "tfx.components.evaluator.component.Evaluator": O.EVALUATION,
    "tfx.components.model_validator.component.ModelValidator": O.EVALUATION,
    "tfx.components.infra_validator.component.InfraValidator": O.EVALUATION,
    "tfx.components.bulk_inferrer.component.BulkInferrer": O.INFERENCE,
    "tfx.components.pusher.component.Pusher": O.DEPLOYMENT,
    "tfx.dsl.components.common.resolver.Resolver": O.RESOLUTION,
    "tfx.dsl.components.common.importer.Importer": O.RESOLUTION,
    "tfx.components.common_nodes.resolver_node.ResolverNode": O.RESOLUTION,
    "tfx.components.common_nodes.importer_node.ImporterNode": O.RESOLUTION,
}


@pytest.mark.parametrize(("name", "expected"), TFX.items())
def test_tfx_in_full_and_by_last_part(name: str, expected: O) -> None:
    naming = Naming()
    assert naming.operator(name) is expected
    assert naming.operator(name.rsplit(".", 1)[1]) is expected


@pytest.mark.parametrize(
    ("type_", "node", "expected", "by"),
    [
        ("system.ContainerExecution", "train-model", O.TRAINING, MatchedBy.NAME),
        ("system.ContainerExecution", "Train Model 2", O.TRAINING, MatchedBy.NAME),
        ("system.ContainerExecution", "Trainer", O.TRAINING, MatchedBy.NAME),
        ("system.ContainerExecution", "fetch", O.OTHER, MatchedBy.NOTHING),
        ("system.DAGExecution", "root", O.OTHER, MatchedBy.NAME),
        ("active_learning/Train", None, O.TRAINING, MatchedBy.NAME),
        ("com.acme.GbdtTrainerComponent", None, O.TRAINING, MatchedBy.GLOB),
        ("com.acme.GbdtTrainer", None, O.TRAINING, MatchedBy.GLOB),
        ("acme.Step", "price_trainer", O.TRAINING, MatchedBy.GLOB),
        ("airflow.providers.amazon.SageMakerTrainingOperator", None, O.TRAINING, MatchedBy.NAME),
        ("PythonOperator", None, O.OTHER, MatchedBy.NOTHING),
        ("dbt/TEST", "orders_unique", O.VALIDATION, MatchedBy.NAME),
        ("PythonOperator", "batch_score", O.INFERENCE, MatchedBy.NAME),
    ],
)
def test_tasks_and_globs(type_: str, node: str | None, expected: O, by: MatchedBy) -> None:
    match = Naming().match_operator(type_, node)
    assert (match.target, match.by) == (expected, by)
    assert match.known is (by is not MatchedBy.NOTHING)


@pytest.mark.parametrize(
    ("type_", "node", "expected"),
    [
        # `INTEGRATION/JOBTYPE`: the last part of the job's name is a table's.
        ("SPARK/SQL_JOB", "app.execute_save_into_data_source_command.train", O.TRANSFORMATION),
        ("SPARK/RDD_JOB", "app.map_partitions_parallel_collection", O.TRANSFORMATION),
        ("SPARK/APPLICATION", "train", O.OTHER),
        ("FLINK/JOB", "insert-into_default_catalog.default_database.train", O.TRANSFORMATION),
        ("HIVE/QUERY", "createtable_as_select.db.train", O.TRANSFORMATION),
        ("DBT/MODEL", "schema.project.train", O.TRANSFORMATION),
        ("DBT/SNAPSHOT", "schema.project.orders", O.INGESTION),
        ("DBT/SEED", "schema.project.zones", O.INGESTION),
        ("DBT/TEST", "schema.project.orders.test", O.VALIDATION),
        ("DBT/JOB", "dbt-run-project", O.OTHER),
        ("DBT/SQL", "project.model.sql.1", O.OTHER),
        ("AIRFLOW/DAG", "train", O.OTHER),
        ("AIRFLOW/TASK", "dag.train_model", O.TRAINING),
        # Operators that do one thing.
        ("airflow.providers.google.cloud.transfers.trino_to_gcs.TrinoToGCSOperator", None,
         O.INGESTION),
        ("***.providers.google.cloud.transfers.bigquery_to_gcs.BigQueryToGCSOperator",
         "dag.export", O.INGESTION),
        (("airflow.providers.snowflake.transfers.copy_into_snowflake."
         "CopyFromExternalStageToSnowflakeOperator"), None, O.INGESTION),
        ("airflow.providers.amazon.aws.transfers.sql_to_s3.SqlToS3Operator", None, O.INGESTION),
        ("great_expectations_provider.operators.validate_batch.GXValidateBatchOperator", None,
         O.VALIDATION),
        ("cosmos.operators.local.DbtTestLocalOperator", None, O.VALIDATION),
        (("airflow.providers.google.cloud.operators.vertex_ai.custom_job."
         "CreateCustomTrainingJobOperator"), "dag.fit", O.TRAINING),
        (("airflow.providers.google.cloud.operators.vertex_ai.custom_job."
         "DeleteCustomTrainingJobOperator"), None, O.OTHER),
        ("airflow.providers.amazon.aws.operators.sagemaker.SageMakerTuningOperator", None,
         O.TUNING),
        ("airflow.providers.amazon.aws.operators.bedrock.BedrockCreateEvaluationJobOperator",
         None, O.EVALUATION),
        (("airflow.providers.google.cloud.operators.vertex_ai.endpoint_service."
         "DeployModelOperator"), None, O.DEPLOYMENT),
        (("airflow.providers.google.cloud.operators.vertex_ai.endpoint_service."
         "UndeployModelOperator"), None, O.OTHER),
        # Operators that run SQL make tables, unless the task says more.
        ("airflow.providers.google.cloud.operators.bigquery.BigQueryInsertJobOperator",
         "dag.daily_orders", O.TRANSFORMATION),
        ("airflow.providers.google.cloud.operators.bigquery.BigQueryInsertJobOperator",
         "dag.train_model", O.TRAINING),
        ("airflow.providers.common.sql.operators.sql.SQLExecuteQueryOperator",
         "dag.check_data", O.VALIDATION),
        ("airflow.providers.amazon.aws.operators.sagemaker.SageMakerProcessingOperator",
         "dag.evaluate", O.EVALUATION),
        # MLflow's runs are told by their scripts.
        ("mlflow.run", "train", O.TRAINING),
        ("mlflow.run", "judge", O.OTHER),
        ("mlflow.autolog", "notebook", O.TRAINING),
    ],
)  # fmt: skip
def test_what_other_tools_call_their_work(type_: str, node: str | None, expected: O) -> None:
    match = Naming().match_operator(type_, node)
    assert match.target is expected
    assert match.known or (type_, node) == ("mlflow.run", "judge")


@pytest.mark.parametrize(
    "type_",
    ["airflow.providers.standard.operators.python.PythonOperator",
     "airflow.providers.standard.operators.bash.BashOperator",
     "airflow.providers.apache.spark.operators.spark_submit.SparkSubmitOperator",
     "airflow.providers.google.cloud.operators.dataproc.DataprocSubmitJobOperator",
     "airflow.providers.amazon.aws.operators.glue.GlueJobOperator",
     "airflow.providers.databricks.operators.databricks.DatabricksSubmitRunOperator",
     "airflow.providers.cncf.kubernetes.operators.pod.KubernetesPodOperator",
     "AIRFLOW/TASK", "OPENLINEAGE/JOB"],
)  # fmt: skip
def test_what_runs_anything_is_told_by_its_task_or_listed(type_: str) -> None:
    """`other`, but not known to be: `lineage doctor` lists it, so that no trainer is missed."""
    assert Naming().match_operator(type_, "dag.step").by is MatchedBy.NOTHING
    assert Naming().operator(type_, "dag.train_model") is O.TRAINING
    rules = [{"pattern": "dag.step", "class": "training"}]
    assert Naming.of(operators=rules).operator(type_, "dag.step") is O.TRAINING
    rules = [{"pattern": type_, "class": "training"}]
    assert Naming.of(operators=rules).operator(type_, "dag.step") is O.TRAINING


@pytest.mark.parametrize(
    "name",
    ["TrainerConfigLoader", "TrainerMonitor", "acme.TrainerMonitor", "Trainers", "Constrain",
     "train-test-report", "restrain", "trainee", "acme.Importer", "ConflictResolver",
     "TransformerLoader", "StrainGauge", "EvaluatorConfig", "DeploymentNotes", "Retraining notes"],
)  # fmt: skip
def test_globs_do_not_misfire(name: str) -> None:
    match = Naming().match_operator("acme.Thing", name)
    assert (match.target, match.by) == (O.OTHER, MatchedBy.NOTHING)
    assert Naming().match_operator(name).by is MatchedBy.NOTHING


def test_order_of_asking() -> None:
    rules = Naming.of(operators=[{"pattern": "*Trainer", "class": "evaluation"}])
    asked = ("tfx.components.trainer.component.Trainer", "node", "Deploy", O.TUNING)
    assert rules.match_operator(*asked).by is MatchedBy.RULE
    assert rules.operator(*asked) is O.EVALUATION
    assert Naming().operator(*asked) is O.TUNING
    assert Naming().operator(*asked[:3]) is O.TRAINING
    assert Naming().operator("acme.GbdtTrainer", None, "Deploy") is O.DEPLOYMENT
    assert Naming().operator("acme.GbdtTrainer", None, "mlmd.Evaluate") is O.EVALUATION
    assert Naming().operator("acme.GbdtTrainer", None, "Process") is O.TRAINING
    assert Naming().match_operator("x", given=O.OTHER).known


def test_the_first_rule_that_matches_holds_and_any_form_matches() -> None:
    naming = Naming.of(
        operators=[
            {"pattern": "my.Trainer*", "class": "training"},
            {"pattern": "nightly-*", "class": "inference"},
            {"pattern": "*", "class": "other"},
        ]
    )
    assert naming.operator("my.TrainerMonitor") is O.TRAINING
    assert naming.operator("acme.X", "nightly-scores") is O.INFERENCE
    assert naming.operator("acme.X", "a/nightly-scores") is O.INFERENCE
    assert naming.operator("my.trainer") is O.OTHER
    assert naming.match_operator("my.trainer").known


@pytest.mark.parametrize(
    ("name", "base", "expected"),
    [
        ("ExampleStatistics", None, A.STATISTICS),
        ("Schema", None, A.SCHEMA),
        ("ExampleAnomalies", None, A.ANOMALIES),
        ("TransformGraph", None, A.TRANSFORM),
        ("TransformCache", None, A.TRANSFORM),
        ("HyperParameters", None, A.HYPERPARAMETERS),
        ("Model", None, A.MODEL),
        ("ModelRun", "Model", A.OTHER),
        ("ModelEvaluation", None, A.EVALUATION),
        ("ModelBlessing", None, A.BLESSING),
        ("InfraBlessing", None, A.BLESSING),
        ("PushedModel", "Model", A.DEPLOYMENT),
        ("system.Dataset", None, A.SPAN),
        ("google.VertexModel", None, A.MODEL),
        ("DataSet", None, A.SPAN),
        ("SavedModel", None, A.MODEL),
        ("DataModel", None, A.OTHER),
        ("acme.Thing", "Statistics", A.STATISTICS),
        ("acme.Thing", None, A.OTHER),
        ("ModelCard", None, A.OTHER),
    ],
)
def test_artifacts(name: str, base: str | None, expected: A) -> None:
    found = Naming().artifact(name, base)
    assert found.target is expected
    assert not found.depends_on_producer


def test_examples_depend_on_their_producer_unless_somebody_says_more() -> None:
    found = Naming().artifact("Examples", "Dataset")
    assert (found.target, found.depends_on_producer) == (A.SPAN, True)
    assert Naming().artifact("tfx.types.standard_artifacts.Examples").depends_on_producer
    assert not Naming().artifact("Examples", given=A.SPAN).depends_on_producer
    ruled = Naming.of(artifacts=[{"pattern": "Examples", "class": "span"}])
    assert not ruled.artifact("Examples").depends_on_producer
    assert not Naming().artifact("ProtoExamples").depends_on_producer


@pytest.mark.parametrize(
    "rule",
    [{}, {"pattern": "x"}, {"pattern": "", "class": "training"}, {"pattern": "x", "class": "nope"},
     {"pattern": "x", "class": "training", "more": 1}, {"pattern": 3, "class": "training"}],
)  # fmt: skip
def test_bad_rules_are_refused(rule: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        Rule.parse(rule, O)


def test_reference_roles() -> None:
    assert Naming().is_reference("baseline_model")
    assert not Naming().is_reference("base_model")
    assert Naming.of(reference_roles=["hint"]).is_reference("hint")
    assert frozenset({"baseline_model", "analyzer_cache"}) == REFERENCE_ROLES


def test_tables_name_each_class_that_can_be_known() -> None:
    assert set(OPERATOR_NAMES.values()) == set(O)
    assert set(ARTIFACT_NAMES.values()) == set(A)
    assert Naming() == Naming()
    assert hash(Naming()) == hash(Naming())
