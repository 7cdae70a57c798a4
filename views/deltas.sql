-- Each measurement against the one before it, against its baseline and against the best so far.
-- grain: one row per measurement
-- units: values and deltas in the metric's own unit, compared values finite; percent of the absolute previous value;
--        baseline_distance in commits where the ancestry is known, else in measurements; baseline_found_by: among HEAD's
--        ancestors ('ancestry'), in the order of the own branch ('branch') or, where neither has one, elsewhere by then
--        ('time'); baseline_tag is the release's; line_id numbers the lines and place counts a line's points from 1
-- table: every verdict and most questions of a report read it
select
    points.repository,
    points.branch,
    points.commit_sha,
    points.recorded_at,
    points.recorded_order,
    points.kind,
    points.metric,
    points.goal,
    points.value,
    previous.commit_sha as previous_commit_sha,
    previous.finite_value as previous_value,
    points.finite_value - previous.finite_value as delta,
    percent_of(delta, previous.finite_value) as delta_percent,
    compared_places.baseline_kind,
    baseline.commit_sha as baseline_commit_sha,
    baseline.finite_value as baseline_value,
    case
        when baseline.distance is not null and points.distance is not null then baseline.distance - points.distance
        when baseline_found_by <> 'time' then points.place - baseline.place
    end as baseline_distance,
    points.finite_value - baseline.finite_value as baseline_delta,
    case
        when is_best then points.finite_value
        when points.goal = 'minimize' then -best_goodness
        else best_goodness
    end as best_value,
    is_best,
    baseline_found_by,
    baseline_points.tag as baseline_tag,
    points.line_id,
    points.place
from compared_places
inner join metric_points as points using (line_id, place)
left join metric_points as previous
    on previous.line_id = compared_places.line_id and previous.place = previous_place
left join metric_points as baseline
    on baseline.line_id = baseline_line_id and baseline.place = baseline_place
left join baseline_points
    on
        baseline_points.line_id = baseline_line_id
        and baseline_points.place = baseline_place
        and baseline_points.baseline_kind = compared_places.baseline_kind
