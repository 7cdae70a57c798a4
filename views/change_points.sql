-- The commits at which a metric moved to another level and stayed there, as seen from today.
-- grain: one row per change
-- units: means in the metric's own unit; percent of the absolute mean before; score is the evidence: twice the log of
--        the likelihood ratio of two levels against one, at least 3 ln n for a line of n points, where n is 100 at least
with

borders as (

    select line_id, position, evidence
    from splits
    union all
    select line_id, 0, null
    from (select distinct line_id from splits)

),

levels_between as (

    select
        borders.line_id,
        borders.position,
        evidence,
        value_of((judged_points.sum_y - coalesce(before.sum_y, 0)) / (past - borders.position), judged_lines) as mean
    from (
        select
            borders.*,
            lead(position, 1, judged_lines.count_points) over (
                partition by borders.line_id order by position
            ) as past
        from borders
        inner join judged_lines using (line_id)
    ) as borders
    inner join judged_lines using (line_id)
    inner join judged_points
        on judged_points.line_id = borders.line_id and judged_points.position = borders.past - 1
    left join judged_points as before
        on before.line_id = borders.line_id and before.position = borders.position - 1

),

changes as (

    select
        *,
        lag(mean) over (partition by line_id order by position) as before_mean
    from levels_between

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
    evidence as score,
    judged_points.is_accepted
from changes
inner join judged_lines using (line_id)
inner join judged_points using (line_id, position)
inner join metric_points
    on
        metric_points.line_id = judged_lines.line_id
        and metric_points.place = judged_points.place
where
    metric_points.speaks_for_itself
    and evidence is not null
    and abs(mean - before_mean) >= smallest_effect(before_mean, judged_lines)
