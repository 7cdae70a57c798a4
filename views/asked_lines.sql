-- The lines that answers are wanted for, and from which point on: a report on one commit needs few of a long history.
-- grain: one row per line × metric on which some wanted measurement answers for itself
-- units: from_place and from_position (which counts finite points, from 0) are where the wanted ones begin: at the
--        same commit for all metrics of a line
-- kind: step, materialized
with

-- Without `reported_metrics` nobody said what is wanted: everything is. Without a reported commit, as in a backtest, all
-- of these metrics are.
settings_used as (

    select
        *,
        reported_commit_sha is not null and exists (select 1 from reported_metrics) as has_focus
    from settings

),

-- A report shows its commit, the newest models, how long the newest runs took, and a chart.
newest as (

    select
        arg_max(commit_sha, recorded_order) filter (training = 'trained') as trained_sha,
        arg_max(commit_sha, recorded_order) filter ((ci_metrics ->> '/duration_seconds') is not null) as timed_sha
    from run_attempts
    inner join settings_used on has_focus and branch in (reported_branch, default_branch)
    group by repository, branch, workflow

),

charted as (

    select max_by(commit_sha, place, trend_window) as commits
    from metric_points
    inner join settings_used on has_focus and metric = highlight_metric
    where line = 'ancestry' or line_branch in (reported_branch, default_branch)
    group by line_id, trend_window

),

wanted_commits as (

    select reported_commit_sha as commit_sha
    from settings
    union
    select unnest([trained_sha, timed_sha])
    from newest
    union
    select unnest(commits)
    from charted

),

wanted as (

    select
        line_id,
        min(line_order) as line_order
    from metric_points
    cross join settings_used
    where speaks_for_itself and (not has_focus or commit_sha in (select commit_sha from wanted_commits))
    group by line_id

),

beginnings as (

    select
        line_id,
        min(line_order) over (partition by line_number_of(line_id)) as line_order
    from wanted

)

select
    beginnings.line_id,
    min(metric_points.place) as from_place,
    min(metric_points.count_earlier) as from_position
from beginnings
inner join metric_points
    on metric_points.line_id = beginnings.line_id and metric_points.line_order >= beginnings.line_order
group by beginnings.line_id
