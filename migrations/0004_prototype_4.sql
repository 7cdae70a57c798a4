-- The duration of the training, in minutes.
-- from: timestamp_toronto, branch, author, commit_sha, commit_message, workflow_status, mlflow_project_detected, is_trained, mlflow_run_id, mlflow_params_kv, mlflow_metrics_kv, cause, changed_files_count, script_path, data_paths, script_hit, data_hit
-- to: prototype_5
select
    *,
    null::varchar as duration_min
from lifted
