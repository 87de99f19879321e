"""A small job on Spark: features from raw data, a model, and what it predicts.

    python train.py FOLDER

Reads `raw.csv` there and writes `features`, `model` and `predictions` beside it.
"""

import sys
from pathlib import Path

from pyspark.ml.classification import LogisticRegression, LogisticRegressionModel
from pyspark.ml.feature import VectorAssembler
from pyspark.sql import SparkSession
from pyspark.sql.functions import col

folder = Path(sys.argv[1]).resolve().as_uri()
spark = SparkSession.builder.appName("train").getOrCreate()
raw = spark.read.csv(f"{folder}/raw.csv", header=True, inferSchema=True)
assembler = VectorAssembler(inputCols=["height", "weight"], outputCol="features")
assembler.transform(raw).select("id", "features", col("label").cast("double")).write.parquet(
    f"{folder}/features"
)

features = spark.read.parquet(f"{folder}/features")
LogisticRegression(maxIter=5).fit(features).save(f"{folder}/model")

model = LogisticRegressionModel.load(f"{folder}/model")
model.transform(features).select("id", "prediction").write.parquet(f"{folder}/predictions")
spark.stop()
