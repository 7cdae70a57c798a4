-- The prototype's first layout gains the project's detection and what was looked at to find the cause.
-- from: timestamp_toronto, branch, author, commit_sha, commit_message, workflow_status, is_trained, cause
-- to: prototype_2
select
    *,
    null::varchar as mlflow_project_detected,
    null::varchar as changed_files_count,
    null::varchar as script_path,
    null::varchar as data_paths,
    null::varchar as script_hit,
    null::varchar as data_hit
from lifted
