-- Params and metrics get theirs, as `k=v; k2=v2`.
-- from: timestamp_toronto, branch, author, commit_sha, commit_message, workflow_status, mlflow_project_detected, is_trained, cause, changed_files_count, script_path, data_paths, script_hit, data_hit, mlflow_run_id
-- to: prototype_4
select
    *,
    null::varchar as mlflow_params_kv,
    null::varchar as mlflow_metrics_kv
from lifted
