-- How the workflows do: how often they succeed, how long they take.
-- grain: one row per repository × branch × workflow
-- units: durations in seconds, of runs that were not broken off; success_rate from 0 to 1 of the runs that ended in
--        success or failure; current_streak counts the latest of those that ended alike, negative for failures
with

runs as (

    select
        run_attempts.repository,
        branch,
        coalesce(workflow, '') as workflow,
        recorded_at,
        run_attempts.recorded_order,
        case workflow_status when 'success' then 1 when 'failure' then -1 end as outcome,
        -- A run that was cancelled says nothing about how long it takes.
        case when workflow_status is null or workflow_status not in ('cancelled', 'skipped') then
            reported_numbers.value
        end as duration_seconds
    from run_attempts
    left join reported_numbers
        on
            reported_numbers.recorded_order = run_attempts.recorded_order
            and reported_numbers.kind = 'ci'
            and reported_numbers.metric = 'duration_seconds'

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
        median(duration_seconds) as median_duration_seconds,
        arg_max(duration_seconds, recorded_order) as latest_duration_seconds,
        max(recorded_order) filter (duration_seconds is not null) as latest_timed_order,
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
-- By the run, not by the commit: of two workflows at one commit, the verdict is the one's that was measured last.
left join measurements
    on
        measurements.recorded_order = totals.latest_timed_order
        and measurements.kind = 'ci'
        and measurements.metric = 'duration_seconds'
left join regressions
    on
        regressions.repository = measurements.repository
        and regressions.commit_sha = measurements.commit_sha
        and regressions.kind = measurements.kind
        and regressions.metric = measurements.metric
