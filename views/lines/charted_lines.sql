-- The lines along which charts are drawn: HEAD's, else the reported branch's (without a report, each branch's), else the
-- default branch's.
-- grain: one row per line and metric whose points a chart may show
-- units: newest_place is the place of the newest point
with

lines as (

    select
        metric_points.line_id,
        repository,
        report,
        workflow,
        kind,
        metric,
        max(place) as newest_place,
        case
            -- A clone of depth 1 knows HEAD alone, and that makes no line.
            when any_value(line) = 'ancestry' then if(max(distance) > 0, 1, null)
            when any_value(reported_branch) is null or any_value(line_branch = reported_branch) then 2
            when any_value(line_branch = default_branch) then 3
        end as preference
    from metric_points
    inner join settings
        on coalesce(nullif(settings.reported_repository, ''), metric_points.repository) = metric_points.repository
    group by metric_points.line_id, repository, report, workflow, kind, metric

),

-- A training's metric comes first, where the CI run has one of the same name.
of_one_kind as (

    select *
    from lines
    qualify kind = max(kind) over (partition by repository, report, metric)

)

select
    line_id,
    repository,
    report,
    workflow,
    kind,
    metric,
    newest_place
from of_one_kind
qualify preference = min(preference) over (partition by repository, report, workflow, metric)
