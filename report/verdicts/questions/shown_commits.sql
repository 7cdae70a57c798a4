-- The commits whose measurements a report shows: its own, the newest models, how long the newest runs took, the chart;
-- and the one before, as the chart's first point may withdraw what was suspected of it. Where its own measures no model,
-- those that say where it leaves the metrics.
-- Asks for: $commit_sha; $charted, the metrics that are charted beside the highlight.
with

newest as (

    select
        arg_max(run_attempts.commit_sha, recorded_order) filter (training = 'trained') as trained_sha,
        arg_max(run_attempts.commit_sha, recorded_order) filter (reported_numbers.value is not null) as timed_sha
    from run_attempts
    inner join settings on branch in (reported_branch, default_branch)
    left join (from reported_numbers where kind = 'ci' and metric = 'duration_seconds') as reported_numbers
        using (recorded_order)
    group by run_attempts.repository, run_attempts.report, branch, run_attempts.workflow

),

charted as (

    select max_by(commit_sha, place, trend_window + 1) as commits
    from metric_points
    inner join settings on metric = highlight_metric or list_contains($charted::varchar[], metric)
    where line = 'ancestry' or line_branch in (reported_branch, default_branch)
    group by line_id, trend_window

),

stood as (

    select arg_max(commit_sha, place) as commit_sha
    from metric_points
    cross join settings
    left join metric_rules on metric_rules.metric = metric_points.metric
    where line = 'ancestry' or line_branch = reported_branch
    group by line_id
    having bool_or(kind = 'ml' or on_regression <> 'report' or on_suspected <> 'report')

)

select $commit_sha as commit_sha
union
select commit_sha
from stood
union
select unnest([trained_sha, timed_sha])
from newest
union
select unnest(commits)
from charted
