-- The commits at which a metric moved to another level and stayed there, as seen from today.
-- grain: one row per step, and one per drift: at the commit in its middle, or where the first of its parts begins
-- units: means in the metric's own unit, of the levels before and after; percent of the absolute mean before; score,
--        or evidence: twice the log of the likelihood ratio of two levels against one, at least 3 ln n for a line of
--        n points, where n is 100 at least; change_kind is step or drift
with

-- Neighbouring parts of one slope are one drift.
runs as (

    select
        *,
        sum(is_new::int) over (partition by line_id order by position rows unbounded preceding) as run
    from (
        select
            *,
            is_step or coalesce(
                lag(is_step) over along or lag(after_z > before_z) over along <> (after_z > before_z), true
            ) as is_new
        from splits
        inner join split_kinds using (line_id, position)
        window along as (partition by line_id order by position)
    )

),

changes as (

    select
        line_id,
        min(position) as position,
        if(bool_or(is_step), 'step', 'drift') as change_kind,
        max(evidence) as evidence,
        any_value(measurable(center)) + arg_min(before_z, runs.position) as before_mean,
        any_value(measurable(center)) + arg_max(after_z, runs.position) as mean
    from runs
    inner join judged_lines using (line_id)
    group by line_id, run

)

select
    metric_points.repository,
    metric_points.branch,
    metric_points.kind,
    metric_points.metric,
    metric_points.commit_sha,
    metric_points.recorded_at,
    before_mean,
    mean as after_mean,
    percent_of(mean - before_mean, before_mean) as change_percent,
    least(evidence, 1e9) as score,
    judged_points.is_accepted,
    change_kind,
    metric_points.report,
    metric_points.workflow,
    -- `score` means another thing in `regressions`.
    score as evidence
from changes
inner join judged_lines using (line_id)
inner join judged_points using (line_id, position)
inner join metric_points
    on
        metric_points.line_id = judged_lines.line_id
        and metric_points.place = judged_points.place
where
    metric_points.speaks_for_itself
    and abs(mean - before_mean) >= smallest_effect(before_mean, judged_lines)
