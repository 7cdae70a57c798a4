-- The prototype's last layout becomes today's: UTC, words for the training, JSON for params and metrics.
-- from: timestamp_local, branch, author, commit_sha, commit_message, workflow_status, mlflow_project_detected, is_trained, mlflow_run_id, duration, mlflow_params_kv, mlflow_metrics_kv, cause
-- to: today
-- A text that can't be converted is handed on as it is: the loader then sets the row aside, with the reason.
select
    * exclude (
        timestamp_local, mlflow_project_detected, is_trained, duration, mlflow_params_kv, mlflow_metrics_kv
    ),
    utc_text(timestamp_local, getvariable('lifted_timezone')) as recorded_at,
    yes_no_text(mlflow_project_detected) as mlflow_project_detected,
    training_text(is_trained, yes_no_text(mlflow_project_detected)) as training,
    duration_text(duration) as training_seconds,
    pairs_to_params(mlflow_params_kv) as params,
    pairs_to_metrics(mlflow_metrics_kv) as metrics
from lifted
