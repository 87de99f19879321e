"""The features: what of a graphlet is known at each stage, and may speak for or against a push.

History is that of the pipeline's last `WINDOW` models before this one, as it was known when the
run began: a model that was pushed later counts as not pushed. `same node` is that of the trainer.
"""

from __future__ import annotations

from lineage.waste.stages import Feature, Kind, Stage

WINDOW = 100
"""Models before this one that history looks at: enough to know a pipeline's habits, few enough to
fetch them for one live answer."""

_NUMBER, _FLAG, _CATEGORY = Kind.NUMBER, Kind.FLAG, Kind.CATEGORY


def _of(stage: Stage, *listed: tuple[str, Kind, str]) -> tuple[Feature, ...]:
    return tuple(Feature(name, stage, kind, says) for name, kind, says in listed)


FEATURES: tuple[Feature, ...] = (
    *_of(
        Stage.BEFORE,
        ("family", _CATEGORY, "the model's family"),
        ("models", _NUMBER, "models of the pipeline before this one, 100 at most"),
        ("push_rate", _NUMBER, "share of them pushed"),
        ("push_rate_20", _NUMBER, "share of the last 20 pushed"),
        ("push_rate_5", _NUMBER, "share of the last 5 pushed"),
        ("node_push_rate", _NUMBER, "share of the last 20 of the same node pushed"),
        ("last_pushed", _FLAG, "whether the last one of the same node was pushed"),
        ("hours_since_push", _NUMBER, "hours since the last push of the pipeline"),
        ("models_since_push", _NUMBER, "models since the last one that was pushed"),
        ("least_push_gap", _NUMBER, "fewest hours between two pushes"),
        ("mean_push_gap", _NUMBER, "mean hours between two pushes"),
        ("push_gap_share", _NUMBER, "hours since the last push over the fewest between two"),
        ("hours_to_verdict", _NUMBER, "mean hours from a run's begin to its verdict"),
        ("due_hours", _NUMBER, "hours since the last push when the verdict may be expected"),
        ("due_past_allowed", _NUMBER, "the same less `allowed_hours`"),
        ("due_past_refused", _NUMBER, "the same less `refused_hours`"),
        ("refused_hours", _NUMBER, "most hours after a push that a good model was not pushed at"),
        ("allowed_hours", _NUMBER, "fewest hours after a push that a good model was pushed at"),
        ("forced_hours", _NUMBER, "fewest hours after a push that a bad model was pushed at"),
        ("blessed_rate", _NUMBER, "share of good verdicts among the last 20"),
        ("last_blessed", _FLAG, "whether the last verdict on the same node was good"),
        ("pushed_of_blessed", _NUMBER, "share of models with a good verdict that were pushed"),
        ("pushed_of_rejected", _NUMBER, "share of models with a bad verdict that were pushed"),
        ("pushed_of_anomalous", _NUMBER, "share of models of anomalous data that were pushed"),
        ("deployment_rate", _NUMBER, "share of models for which a deployment ran at all"),
        ("failure_rate", _NUMBER, "share of the last 20 trainings that failed"),
        ("hours_since_model", _NUMBER, "hours since the training before began"),
        ("hours_between_models", _NUMBER, "mean hours between the last 20 trainings"),
        ("node_share", _NUMBER, "share of the models that the same node trained"),
        ("evaluated_before", _FLAG, "whether the last one of the same node was evaluated"),
        ("last_drift", _NUMBER, "`drift_window_share` of the last one of the same node"),
        ("models_since_change", _NUMBER, "models of the same node since its structure changed"),
    ),
    *_of(
        Stage.DATA,
        ("spans", _NUMBER, "spans that it is trained on"),
        ("jaccard", _NUMBER, "spans in common with the model before, over those of either"),
        ("data_hours", _NUMBER, "hours since the newest span was made"),
        ("data_features", _NUMBER, "features of the newest span"),
        ("drift", _NUMBER, "mean Jensen-Shannon divergence of the newest span from the one before"),
        ("drift_most", _NUMBER, "the largest divergence of one feature"),
        ("drift_window", _NUMBER, "the largest mean divergence between spans it is trained on"),
        ("drift_share", _NUMBER, "`drift` over its geometric mean in the 20 models before"),
        ("drift_window_share", _NUMBER, "`drift_window` over the same"),
        ("drift_since_push", _NUMBER, "mean divergence of the newest span from the last push's"),
        ("anomalies", _NUMBER, "anomalies found in the newest span that was validated"),
    ),
    *_of(
        Stage.SHAPE,
        ("validated_data", _FLAG, "whether its data was validated"),
        ("transformed", _FLAG, "whether its data was transformed"),
        ("tuned", _FLAG, "whether its hyperparameters were tuned"),
        ("inputs_changed", _FLAG, "whether other classes of operators made its inputs than before"),
        ("new_code", _FLAG, "whether the code is other than that of the model before"),
        ("models_since_code", _NUMBER, "models of the same node since its code changed"),
        ("warm", _FLAG, "whether it starts from what other models made"),
        ("failed_inputs", _NUMBER, "failed executions before the training"),
        ("hours_to_training", _NUMBER, "hours from the begin of the run to that of the training"),
    ),
    *_of(
        Stage.TRAINING,
        ("training_failed", _FLAG, "whether the training failed"),
        ("training_hours", _NUMBER, "hours that it took"),
        ("training_share", _NUMBER, "the same over the mean of the last 20 of the same node"),
    ),
    *_of(
        Stage.VALIDATION,
        ("evaluated", _FLAG, "whether the model was evaluated"),
        ("verdicts", _NUMBER, "verdicts on the model"),
        ("blessed", _NUMBER, "share of them that are good"),
        ("failed_checks", _NUMBER, "failed evaluations and validations of the model"),
        ("checks_changed", _FLAG, "whether it was checked in other ways than the model before"),
        ("hours_since_push_now", _NUMBER, "hours since the last push of the pipeline by now"),
        ("push_gap_share_now", _NUMBER, "the same over the fewest hours between two pushes"),
        ("past_allowed_now", _NUMBER, "the same less `allowed_hours`"),
        ("past_refused_now", _NUMBER, "the same less `refused_hours`"),
    ),
)
