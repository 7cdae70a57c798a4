-- Every commit that was reported, by repository and report, oldest first: what its newest report tells, its newest
-- training, and its runs as JSON, oldest first. `commit_number` counts from 0 and is that of `page_points`.
with

told as (

    select
        run_attempts.*,
        commits.committed_at,
        commits.event,
        commits.jobs,
        commits.failed_tests,
        commits.environment
    from run_attempts
    inner join commits on commits.rowid = run_attempts.row_number

)

select
    repository,
    report,
    commit_sha,
    row_number() over (order by min(recorded_order)) - 1 as commit_number,
    arg_max(parent_sha, recorded_order) as parent_sha,
    arg_max(branch, recorded_order) as branch,
    arg_max(pull_request, recorded_order) as pull_request,
    arg_max(author, recorded_order) as author,
    arg_max(commit_message, recorded_order) as commit_message,
    epoch(arg_max(committed_at, recorded_order))::bigint as committed_at,
    epoch(max(recorded_at))::bigint as recorded_at,
    arg_max(workflow_status, recorded_order) as workflow_status,
    arg_max(training, (training is not distinct from 'trained', recorded_order)) as training,
    arg_max(cause, (training is not distinct from 'trained', recorded_order)) as cause,
    arg_max(changed_inputs, (training is not distinct from 'trained', recorded_order))::varchar as changed_inputs,
    arg_max(params, (params is not null, recorded_order))::varchar as params,
    arg_max(environment, (environment is not null, recorded_order))::varchar as environment,
    arg_max(mlflow_run_id, (mlflow_run_id is not null, recorded_order)) as mlflow_run_id,
    arg_max(model_name, (model_version is not null, recorded_order)) as model_name,
    arg_max(model_version, (model_version is not null, recorded_order)) as model_version,
    arg_max(training_seconds, (training_seconds is not null, recorded_order)) as training_seconds,
    to_json(
        list(
            {
                'workflow': workflow,
                'run': workflow_run_id,
                'attempt': run_attempt,
                'status': workflow_status,
                'event': event,
                'jobs': jobs,
                'failed_tests': failed_tests
            }
            order by recorded_order
        )
    )::varchar as runs
from told
group by repository, report, commit_sha
order by commit_number
