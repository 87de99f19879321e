"""The names whose class is known, and globs for the rest: data of `lineage.naming`.

A key with a dot or a slash is a full name. One without is also met as the last part of a longer
name, so only names that mean one thing everywhere stand bare. Types that say nothing about the
work, such as `system.ContainerExecution` or `PythonOperator`, are left out on purpose: then the
task name tells, and if it does not, `lineage doctor` lists the type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lineage.records import ArtifactClass as A
from lineage.records import OperatorClass as O

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeVar

    C = TypeVar("C", O, A)

EXAMPLES = "Examples"
FOLLOWING = frozenset({EXAMPLES, "dataset", "table", "view", "file", "topic", "stream"})
"""Types of raw and of transformed data alike, TFX's and OpenLineage's: the class depends on the
producer."""


def _table(groups: Mapping[C, str]) -> dict[str, C]:
    return {name: target for target, names in groups.items() for name in names.split()}


_TFX = {
    O.INGESTION: """CsvExampleGen ImportExampleGen FileBasedExampleGen BigQueryExampleGen
        PrestoExampleGen ExampleGen""",
    O.ANALYSIS: "StatisticsGen SchemaGen ImportSchemaGen",
    O.VALIDATION: "ExampleValidator ExampleDiff DistributionValidator",
    O.TRANSFORMATION: "Transform",
    O.TUNING: "Tuner",
    O.TRAINING: "Trainer",
    O.EVALUATION: "Evaluator ModelValidator InfraValidator",
    O.INFERENCE: "BulkInferrer",
    O.DEPLOYMENT: "Pusher",
    # `Importer` and `Resolver` are too common to stand for TFX's at the end of any name.
    O.RESOLUTION: """ResolverNode ImporterNode tfx.dsl.components.common.resolver.Resolver
        tfx.dsl.components.common.importer.Importer tfx.dsl.resolvers.Resolver
        LatestArtifactsResolver LatestBlessedModelResolver LatestArtifactStrategy
        LatestBlessedModelStrategy system.ImporterExecution""",
    O.OTHER: "tfx.orchestration.pipeline.Pipeline",
}

_KUBEFLOW = {
    O.TRAINING: "TFJob PyTorchJob XGBoostJob MPIJob PaddleJob JAXJob TrainJob",
    O.TUNING: "KatibExperiment",
    O.DEPLOYMENT: "KServe InferenceService",
    O.OTHER: "system.DAGExecution",
}

_MLFLOW = {
    O.TRAINING: "mlflow.train mlflow.autolog",
    O.EVALUATION: "mlflow.evaluate",
    O.DEPLOYMENT: "mlflow.deploy mlflow.deployment mlflow.promote",
    O.INFERENCE: "mlflow.predict",
}

# Of what `INTEGRATION/JOBTYPE` says the job's name is not asked: its last part is a table's.
_SPARK = {
    O.INGESTION: "LoadDataCommand",
    # What a job of these two does is told by what it reads and writes; the reader knows models.
    O.TRANSFORMATION: """SPARK/SQL_JOB SPARK/RDD_JOB
        CreateDataSourceTableAsSelectCommand InsertIntoHadoopFsRelationCommand
        OptimizedCreateHiveTableAsSelectCommand CreateHiveTableAsSelectCommand
        InsertIntoHiveTable MergeIntoCommand""",
    O.TRAINING: "CrossValidator TrainValidationSplit",
    # The frame around the jobs, which read and write.
    O.OTHER: "SPARK/APPLICATION",
}

_QUERIES = {O.TRANSFORMATION: "FLINK/JOB HIVE/QUERY"}

_DBT = {
    O.INGESTION: "dbt.seed dbt/SEED DBT/SEED dbt.snapshot DBT/SNAPSHOT DbtSeedLocalOperator",
    O.TRANSFORMATION: """dbt.model dbt.run dbt/MODEL DBT/MODEL DbtRunOperator DbtCloudRunJobOperator
        DbtRunLocalOperator DbtBuildLocalOperator""",
    O.VALIDATION: "dbt.test dbt/TEST DBT/TEST DbtTestOperator DbtTestLocalOperator",
    # The frame around models and tests, and the statements within one.
    O.OTHER: "DBT/JOB DBT/SQL",
}

_AIRFLOW = {
    O.INGESTION: """BigQueryToBigQueryOperator AirbyteTriggerSyncOperator FivetranOperator
        DatabricksCopyIntoOperator SQLBulkLoadOperator CloudDataTransferServiceRunJobOperator
        BigQueryDataTransferServiceStartTransferRunsOperator""",
    O.ANALYSIS: "HiveStatsCollectionOperator",
    O.VALIDATION: """SQLCheckOperator SQLColumnCheckOperator SQLTableCheckOperator
        SQLValueCheckOperator SQLIntervalCheckOperator SQLThresholdCheckOperator
        BigQueryCheckOperator BigQueryValueCheckOperator BigQueryColumnCheckOperator
        BigQueryTableCheckOperator BigQueryIntervalCheckOperator GreatExpectationsOperator
        SnowflakeCheckOperator SnowflakeValueCheckOperator SnowflakeIntervalCheckOperator
        GXValidateBatchOperator GXValidateDataFrameOperator GXValidateCheckpointOperator
        GlueDataQualityRuleSetEvaluationRunOperator""",
    O.TRAINING: """SageMakerTrainingOperator SageMakerAutoMLOperator MLEngineTrainingOperator
        MLEngineStartTrainingJobOperator CreateCustomTrainingJobOperator
        CreateCustomContainerTrainingJobOperator CreateCustomPythonPackageTrainingJobOperator
        CreateAutoMLForecastingTrainingJobOperator CreateAutoMLImageTrainingJobOperator
        CreateAutoMLTabularTrainingJobOperator CreateAutoMLTextTrainingJobOperator
        CreateAutoMLVideoTrainingJobOperator BedrockCustomizeModelOperator
        TranslateCreateModelOperator""",
    O.TUNING: "SageMakerTuningOperator CreateHyperparameterTuningJobOperator",
    O.EVALUATION: "BedrockCreateEvaluationJobOperator RunEvaluationOperator",
    O.INFERENCE: """SageMakerTransformOperator CreateBatchPredictionJobOperator
        MLEngineStartBatchPredictionJobOperator BedrockBatchInferenceOperator
        BedrockInvokeModelOperator""",
    O.DEPLOYMENT: """SageMakerEndpointOperator DeployModelOperator MLEngineCreateVersionOperator
        SageMakerRegisterModelVersionOperator UploadModelOperator
        SetDefaultVersionOnModelOperator""",
    O.OTHER: """EmptyOperator DummyOperator BranchPythonOperator ShortCircuitOperator EmailOperator
        TriggerDagRunOperator LatestOnlyOperator ExternalTaskSensor FileSensor DateTimeSensor
        TimeDeltaSensor S3KeySensor GCSObjectExistenceSensor SlackAPIPostOperator AIRFLOW/DAG
        airflow.dag RunPipelineJobOperator SageMakerStartPipelineOperator""",
}

OPERATOR_NAMES: dict[str, O] = {}
for _group in (_TFX, _KUBEFLOW, _MLFLOW, _SPARK, _QUERIES, _DBT, _AIRFLOW):
    OPERATOR_NAMES |= _table(_group)
# As whole names these two can only be TFX's; see the note above.
OPERATOR_WHOLE_NAMES: dict[str, O] = _table({O.RESOLUTION: "Resolver Importer"})

TASK_NAMES: dict[str, O] = _table(
    {
        O.INGESTION: """ingest ingestion ingestdata dataingestion loaddata dataload downloaddata
            importdata tabulardatasetcreate imagedatasetcreate textdatasetcreate""",
        O.ANALYSIS: "statistics computestatistics generatestatistics schemagen statisticsgen",
        O.VALIDATION: "validatedata datavalidation validateexamples examplevalidator checkdata",
        O.TRANSFORMATION: """transform preprocess preprocessing preprocessdata datapreprocessing
            featureengineering transformdata traintestsplit splitdata""",
        O.TUNING: """tune tuner tuning hyperparametertuning hyperparametertuningjob
            tunehyperparameters""",
        O.TRAINING: """train trainer training trainmodel trainop modeltraining trainingjob
            trainjob modeltrainer customtrainingjob customtrainingjobop automltabulartrainingjob
            automlimagetrainingjob automltexttrainingjob bigquerycreatemodeljob""",
        O.EVALUATION: """evaluate evaluator evaluation evaluatemodel modelevaluation
            validatemodel modelvalidation testmodel""",
        O.INFERENCE: "predict batchpredict batchprediction inference modelbatchpredict batchscore",
        O.DEPLOYMENT: """deploy deployment deploymodel modeldeploy modeldeployment pusher pushmodel
            modelupload endpointdeploy publishmodel""",
    }
)
"""Plain task names, without case and separators."""

OPERATOR_BASE_TYPES: dict[str, O] = {
    "Train": O.TRAINING,
    "Transform": O.TRANSFORMATION,
    "Evaluate": O.EVALUATION,
    "Deploy": O.DEPLOYMENT,
}
"""MLMD's; `Process` says nothing."""

OPERATOR_DEFAULTS: dict[str, O] = _table(
    {
        O.TRANSFORMATION: """BigQueryInsertJobOperator BigQueryExecuteQueryOperator
            SQLExecuteQueryOperator SnowflakeSqlApiOperator SnowflakeOperator RedshiftDataOperator
            RedshiftSQLOperator AthenaOperator HiveOperator SparkSqlOperator DatabricksSqlOperator
            DatabricksSQLStatementsOperator PostgresOperator MySqlOperator TrinoOperator
            SageMakerProcessingOperator AIRFLOW/QUERY DATABRICKS/QUERY SNOWFLAKE/QUERY""",
    }
)
"""What runs SQL usually makes tables of tables; but a task that is called `train` trains, and one
that writes a model does. What runs any program at all (`PythonOperator`, `BashOperator`,
`SparkSubmitOperator`, `KubernetesPodOperator`, ...) is in no table: `lineage doctor` lists it."""


def _globs(groups: Mapping[C, str]) -> tuple[tuple[str, C], ...]:
    return tuple((pattern, target) for target, names in groups.items() for pattern in names.split())


OPERATOR_GLOBS: tuple[tuple[str, O], ...] = _globs(
    {
        O.TRAINING: "*Trainer *TrainerComponent */Train *_trainer *-trainer *TrainingOperator",
        # Airflow's transfers leave data as they are.
        O.INGESTION: """*ExampleGen *ExampleGenComponent */Ingest *_example_gen *-example-gen
            *ToGCSOperator *ToGcsOperator *ToS3Operator *ToBigQueryOperator *ToHiveOperator
            *ToSnowflakeOperator *ToRedshiftOperator *ToWasbOperator *ToADLSOperator""",
        O.ANALYSIS: "*StatisticsGen *StatisticsGenComponent *SchemaGen *SchemaGenComponent",
        O.VALIDATION: """*ExampleValidator *ExampleValidatorComponent *DataValidator
            *DataValidatorComponent""",
        O.TRANSFORMATION: "*Transform *TransformComponent */Transform */Preprocess */Featurize",
        O.TUNING: "*Tuner *TunerComponent */Tune *_tuner *-tuner",
        O.EVALUATION: """*Evaluator *EvaluatorComponent *ModelValidator *ModelValidatorComponent
            *InfraValidator */Evaluate *_evaluator *-evaluator""",
        O.INFERENCE: """*BulkInferrer *BulkInferrerComponent */Predict */Infer *BatchPredictor
            *BatchPredictorComponent""",
        O.DEPLOYMENT: "*Pusher *PusherComponent *ModelDeployer */Deploy */Push *_pusher *-pusher",
        # No `*Resolver` or `*Importer`: a class whose edges are never followed must not misfire.
        O.RESOLUTION: "*ModelResolver *ArtifactResolver *ArtifactsResolver",
        # What takes away, lists or looks up, whatever it is that it is about.
        O.OTHER: """*Sensor *SensorAsync Delete*Operator List*Operator Get*Operator
            Undeploy*Operator""",
    }
)

ARTIFACT_NAMES: dict[str, A] = _table(
    {
        A.SPAN: f"""{EXAMPLES} Dataset Dataslice system.Dataset google.VertexDataset google.BQTable
            mlflow.dataset openlineage.dataset openlineage.table openlineage.view openlineage.file
            openlineage.topic openlineage.stream""",
        A.STATISTICS: "ExampleStatistics",
        A.SCHEMA: "Schema",
        A.ANOMALIES: "ExampleAnomalies ExamplesDiff DistributionAnomalies",
        A.TRANSFORM: "TransformGraph TransformCache",
        A.HYPERPARAMETERS: "HyperParameters TunerResults",
        A.MODEL: """Model system.Model google.VertexModel google.BQMLModel mlflow.model
            google.UnmanagedContainerModel mlflow.model_version mlflow.logged_model
            openlineage.model""",
        A.EVALUATION: """ModelEvaluation Metrics Step_Metrics ClassificationMetrics
            SlicedClassificationMetrics RegressionMetrics ForecastingMetrics""",
        A.BLESSING: "ModelBlessing InfraBlessing",
        A.DEPLOYMENT: "PushedModel google.VertexEndpoint mlflow.alias mlflow.stage",
        A.OTHER: """ModelRun InferenceResult DataView ExternalArtifact ExternalPath String Integer
            Float Boolean Bytes JsonValue system.Markdown system.HTML system.ImportedArtifact
            google.VertexBatchPredictionJob Environment spark.driver""",
    }
)

ARTIFACT_BASE_TYPES: dict[str, A] = {
    "Dataset": A.SPAN,
    "Model": A.MODEL,
    "Metrics": A.EVALUATION,
    "Statistics": A.STATISTICS,
}

ARTIFACT_GLOBS: tuple[tuple[str, A], ...] = _globs(
    {
        A.SPAN: "*Examples *Dataset *DataSet */dataset",
        A.STATISTICS: "*Statistics",
        A.SCHEMA: "*Schema",
        A.ANOMALIES: "*Anomalies",
        A.TRANSFORM: "*TransformGraph *TransformCache *TransformOutput",
        A.HYPERPARAMETERS: "*HyperParameters *Hyperparameters",
        A.BLESSING: "*Blessing",
        A.DEPLOYMENT: "*PushedModel *Endpoint",
        A.EVALUATION: "*Metrics *Evaluation",
        # `*DataModel` and `*ViewModel` come first so that `*Model` does not take them.
        A.OTHER: "*DataModel *ViewModel",
        A.MODEL: "*Model */model",
    }
)
