-- Times were Toronto's; now they are in the config's time zone.
-- from: timestamp_toronto, branch, author, commit_sha, commit_message, workflow_status, mlflow_project_detected, is_trained, mlflow_run_id, duration, mlflow_params_kv, mlflow_metrics_kv, cause, changed_files_count, script_path, data_paths, script_hit, data_hit
-- to: prototype_7
-- The text is carried over. The loader remembers that such a file's zone is America/Toronto.
select
    * exclude (timestamp_toronto),
    timestamp_toronto as timestamp_local
from lifted
