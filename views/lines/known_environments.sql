-- Where each commit was measured: the environment of its newest report in a workflow that tells one.
-- grain: one row per commit × report × workflow with a known environment
-- units: environment as in `commits`; recorded_order as in `run_attempts`
select
    run_attempts.repository,
    run_attempts.report,
    coalesce(run_attempts.workflow, '') as workflow,
    run_attempts.branch,
    run_attempts.commit_sha,
    run_attempts.recorded_at,
    run_attempts.recorded_order,
    commits.environment
from run_attempts
inner join commits on commits.rowid = run_attempts.row_number
where commits.environment is not null and nullif(run_attempts.commit_sha, '') is not null
qualify row_number() over (
    partition by run_attempts.repository, run_attempts.report, coalesce(run_attempts.workflow, ''), run_attempts.commit_sha
    order by recorded_order desc
) = 1
