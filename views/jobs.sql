-- The jobs of each workflow run, as its newest report has them.
-- grain: one row per job of a workflow run attempt
-- units: place counts a run's jobs from 1; duration in seconds; conclusion as the CI calls it: success, failure,
--        cancelled, …
with

-- Of several reports of one run attempt, the newest that knows its jobs.
newest as (

    select run_attempts.*, json_extract(commits.jobs, '$[*]') as jobs
    from run_attempts
    inner join commits on commits.rowid = run_attempts.row_number
    where json_array_length(commits.jobs) > 0
    qualify row_number() over (
        partition by
            run_attempts.repository, run_attempts.commit_sha, run_attempts.run_attempt,
            coalesce(nullif(run_attempts.workflow_run_id, ''), row_number::varchar)
        order by recorded_order desc
    ) = 1

),

listed as (

    select
        * exclude (jobs),
        unnest(jobs) as job,
        generate_subscripts(jobs, 1) as place
    from newest

)

select
    repository,
    branch,
    commit_sha,
    recorded_at,
    recorded_order,
    coalesce(workflow, '') as workflow,
    workflow_run_id,
    run_attempt,
    place,
    json_extract_string(job, '$.name') as name,
    json_extract_string(job, '$.conclusion') as conclusion,
    try_cast(json_extract_string(job, '$.duration_seconds') as double) as duration_seconds
from listed
