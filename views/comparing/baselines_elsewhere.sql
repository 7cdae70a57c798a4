-- The points that may be a baseline on other lines: where the own line has none, or a merge brought a nearer one.
-- grain: one row per point × baseline_kind
-- units: as in `metric_points`; series numbers the metrics of each report and workflow
select
    'default_branch' as baseline_kind,
    points.line_id,
    points.place,
    points.repository,
    series_of(points.line_id) as series,
    points.first_order,
    points.distance,
    points.merge_distance,
    points.line_branch = default_branch as is_on_default_branch
from metric_points as points
inner join settings on settings.default_branch = points.line_branch
where points.line = 'branch' and points.finite_value is not null
union all
select
    baseline_points.baseline_kind,
    points.line_id,
    points.place,
    points.repository,
    series_of(points.line_id) as series,
    points.first_order,
    points.distance,
    points.merge_distance,
    points.line_branch = default_branch
from metric_points as points
inner join baseline_points using (line_id, place)
cross join settings
