-- How the workflows do: how often they succeed, how long they take.
-- grain: one row per repository × branch × workflow
-- units: durations in seconds, of runs that were not broken off; success_rate from 0 to 1 of the runs that ended in
--        success or failure; current_streak counts the latest of those that ended alike, negative for failures
with

-- A run that several reports are of is one run.
runs as (

    select
        run_attempts.repository,
        branch,
        coalesce(run_attempts.workflow, '') as workflow,
        max(recorded_at) as recorded_at,
        max(run_attempts.recorded_order) as recorded_order,
        arg_max(case workflow_status when 'success' then 1 when 'failure' then -1 end, run_attempts.recorded_order)
        as outcome,
        -- A run that was cancelled says nothing about how long it takes.
        max({'at': run_attempts.recorded_order, 'duration_seconds': reported_numbers.value}) filter (
            reported_numbers.value is not null
            and (workflow_status is null or workflow_status not in ('cancelled', 'skipped'))
        ) as timed
    from run_attempts
    left join reported_numbers
        on
            reported_numbers.recorded_order = run_attempts.recorded_order
            and reported_numbers.kind = 'ci'
            and reported_numbers.metric = 'duration_seconds'
    group by
        run_attempts.repository, branch, coalesce(run_attempts.workflow, ''), run_attempts.commit_sha, run_attempt,
        coalesce(nullif(workflow_run_id, ''), run_attempts.recorded_order::varchar)

),

streaks as (

    select
        *,
        -- Runs since which the outcome did not change all have the same count of changes behind them.
        sum(case when outcome <> newer_outcome then 1 else 0 end) over newest_first as count_changes
    from (
        select *, lag(outcome) over newest_first as newer_outcome
        from runs
        where outcome is not null
        window newest_first as (partition by repository, branch, workflow order by recorded_order desc)
    )
    window newest_first as (partition by repository, branch, workflow order by recorded_order desc)

),

current_streaks as (

    select
        repository,
        branch,
        workflow,
        sum(outcome) as current_streak
    from streaks
    where count_changes = 0
    group by repository, branch, workflow

),

totals as (

    select
        repository,
        branch,
        workflow,
        count(*) as count_runs,
        avg(case outcome when 1 then 1.0 when -1 then 0.0 end) as success_rate,
        median(timed.duration_seconds) as median_duration_seconds,
        arg_max(timed.duration_seconds, recorded_order) as latest_duration_seconds,
        max(timed.at) as latest_timed_order,
        max(recorded_at) as latest_recorded_at
    from runs
    group by repository, branch, workflow

)

select
    totals.repository,
    totals.branch,
    totals.workflow,
    totals.count_runs,
    totals.success_rate,
    coalesce(current_streaks.current_streak, 0) as current_streak,
    totals.median_duration_seconds,
    totals.latest_duration_seconds,
    regressions.verdict as duration_verdict,
    totals.latest_recorded_at
from totals
left join current_streaks using (repository, branch, workflow)
-- By the run that was measured last, which its commit's measurement may be of, or a later attempt of it.
left join regressions
    on
        regressions.recorded_order = totals.latest_timed_order
        and regressions.kind = 'ci'
        and regressions.metric = 'duration_seconds'
