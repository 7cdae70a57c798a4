-- Each measurement against the one before it, against its baseline and against the best so far.
-- grain: one row per measurement
-- units: values and deltas in the metric's own unit, compared values finite; percent of the absolute previous value;
--        baseline_distance in commits where the ancestry is known, else in measurements; baseline_found_by: among
--        HEAD's ancestors ('ancestry'), in the order of the own branch ('branch') or, where neither has one,
--        elsewhere by then ('time'); baseline_tag is the release's; is_baseline_superseded: an accepted change lies
--        between; best_so_far counts the value itself, as does best_value, its older name; line_id numbers the lines,
--        place counts a line's points from 1 and count_earlier the finite values before, count_repeats its own
-- table: every verdict and most questions of a report read it
with

-- Few, if any.
accepted as (

    select line_id, list(struct_pack(place, first_order)) as points
    from metric_points
    where is_accepted
    group by line_id

)

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
        when baseline_found_by = 'ancestry' or (baseline_found_by = 'time' and points.distance < baseline.merge_distance)
            then baseline.distance - points.distance
        when baseline_found_by = 'branch' then points.place - baseline.place
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
    -- By the order in which they were reported, where the baseline stands on another line.
    len(list_filter(accepted.points, lambda point:
        point.place <= points.place
        and if(baseline_line_id <> points.line_id, baseline.first_order < point.first_order, baseline.place < point.place)
    )) > 0 is true as is_baseline_superseded,
    points.line_id,
    points.place,
    points.count_earlier,
    points.report,
    points.workflow,
    best_value as best_so_far,
    points.count_repeats
from compared_places
inner join metric_points as points using (line_id, place)
left join accepted using (line_id)
left join metric_points as previous
    on previous.line_id = compared_places.line_id and previous.place = previous_place
left join metric_points as baseline
    on baseline.line_id = baseline_line_id and baseline.place = baseline_place
left join baseline_points
    on
        baseline_points.line_id = baseline_line_id
        and baseline_points.place = baseline_place
        and baseline_points.baseline_kind = compared_places.baseline_kind
