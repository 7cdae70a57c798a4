-- Minutes become a text with units: `3.2` is `192s`. What is no number stays as it is.
-- from: timestamp_toronto, branch, author, commit_sha, commit_message, workflow_status, mlflow_project_detected, is_trained, mlflow_run_id, duration_min, mlflow_params_kv, mlflow_metrics_kv, cause, changed_files_count, script_path, data_paths, script_hit, data_hit
-- to: prototype_6
select
    * exclude (duration_min),
    case
        when isfinite(try_cast(duration_min as double))
            then write_number(round(try_cast(duration_min as double) * 60, 3)) || 's'
        else duration_min
    end as duration
from lifted
