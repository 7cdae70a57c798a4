-- The run that was read gets its column.
-- from: timestamp_toronto, branch, author, commit_sha, commit_message, workflow_status, mlflow_project_detected, is_trained, cause, changed_files_count, script_path, data_paths, script_hit, data_hit
-- to: prototype_3
select
    *,
    null::varchar as mlflow_run_id
from lifted
