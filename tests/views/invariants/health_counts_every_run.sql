-- Every run attempt is counted once, and a streak is no longer than the runs.
select totals.*
from (select sum(count_runs) as counted from pipeline_health) as totals
where coalesce(counted, 0) <> (
    select count(*)
    from (
        select distinct
            repository, branch, coalesce(workflow, ''), commit_sha, run_attempt,
            coalesce(nullif(workflow_run_id, ''), recorded_order::varchar)
        from run_attempts
    )
)
union all
select count_runs
from pipeline_health
where abs(current_streak) > count_runs or success_rate not between 0 and 1
