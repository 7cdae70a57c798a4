-- The run attempts whose tests are known, with those that failed.
-- grain: one row per run attempt with test results
-- units: failed_tests are names, each once; is_cut: the row may not name them all; recorded_order as in `run_attempts`
with

named as (

    select
        run_attempts.repository,
        run_attempts.report,
        coalesce(run_attempts.workflow, '') as workflow,
        run_attempts.branch,
        run_attempts.commit_sha,
        run_attempts.recorded_at,
        run_attempts.recorded_order,
        run_attempts.workflow_run_id,
        run_attempts.run_attempt,
        list_sort(list_distinct(coalesce(try_cast(commits.failed_tests as varchar[]), []))) as failed_tests
    from run_attempts
    inner join commits on commits.rowid = run_attempts.row_number
    where
        nullif(run_attempts.commit_sha, '') is not null
        and (
            commits.failed_tests is not null
            or run_attempts.recorded_order in (
                select recorded_order from reported_numbers where kind = 'ci' and metric = 'tests_total'
            )
        )

)

select
    repository,
    report,
    workflow,
    branch,
    commit_sha,
    recorded_at,
    recorded_order,
    workflow_run_id,
    run_attempt,
    failed_tests,
    -- A row names so many at most.
    len(failed_tests) >= 200 as is_cut
from named
