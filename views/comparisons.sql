-- What each wanted measurement is compared with: the one before, its baseline, the best so far.
-- grain: one row per measurement that answers for itself, from the first wanted one of its line on
-- units: line_id and place as in `metric_points`; values in the metric's own unit, compared ones finite;
--        baseline_distance in commits where the ancestry is known, else in measurements on the same line
-- kind: step, materialized
select
    points.line_id,
    points.place,
    points.repository,
    points.branch,
    points.commit_sha,
    points.recorded_at,
    points.recorded_order,
    points.kind,
    points.metric,
    points.goal,
    points.value,
    points.finite_value,
    previous.commit_sha as previous_commit_sha,
    previous.finite_value as previous_value,
    compared_places.baseline_kind,
    baseline.commit_sha as baseline_commit_sha,
    baseline.finite_value as baseline_value,
    case
        when baseline.distance is not null and points.distance is not null then baseline.distance - points.distance
        when baseline_found_by <> 'time' then points.place - baseline.place
    end as baseline_distance,
    baseline_found_by,
    baseline_points.tag as baseline_tag,
    case
        when is_best then points.finite_value
        when points.goal = 'minimize' then -best_goodness
        else best_goodness
    end as best_value,
    is_best
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
