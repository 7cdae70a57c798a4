-- What a merge brought to HEAD's line to compare with: the nearest point behind it that stands for a baseline.
-- grain: one row per line × metric × baseline_kind × merge that brought some
-- units: as in `metric_points` and `baselines_elsewhere`
select
    repository,
    series,
    baseline_kind,
    merge_distance,
    min(distance) as distance,
    arg_min(line_id, distance) as baseline_line_id,
    arg_min(place, distance) as baseline_place
from baselines_elsewhere
where merge_distance <> distance
group by repository, series, baseline_kind, merge_distance
