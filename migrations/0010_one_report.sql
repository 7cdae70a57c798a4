-- A run may make several reports; a row tells where it ran, which tests failed, and what was measured several times.
-- from: repository, commit_sha, parent_sha, branch, base_branch, pull_request, author, commit_message, committed_at, recorded_at, event, workflow, workflow_run_id, run_attempt, workflow_status, jobs, ci_metrics, mlflow_project_detected, training, cause, changed_inputs, mlflow_run_id, mlflow_experiment_id, model_name, model_version, training_seconds, params, metrics
-- to: today
select
    *,
    null::varchar as report,
    null::varchar as failed_tests,
    null::varchar as environment,
    null::varchar as metric_facts,
    null::varchar as repeats
from lifted
