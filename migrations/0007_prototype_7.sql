-- What was looked at to find the cause was no longer written.
-- from: timestamp_local, branch, author, commit_sha, commit_message, workflow_status, mlflow_project_detected, is_trained, mlflow_run_id, duration, mlflow_params_kv, mlflow_metrics_kv, cause, changed_files_count, script_path, data_paths, script_hit, data_hit
-- to: prototype_8
-- Nothing is dropped: columns that today's layout does not know stay in the file, with their values.
select *
from lifted
