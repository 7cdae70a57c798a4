-- A new best is better than every earlier point of its line; a best value is the best of the line up to there.
with lines as (
    select
        deltas.*,
        points.finite_value,
        (select list(earlier.finite_value) from metric_points as earlier
        where
            earlier.repository = points.repository and earlier.kind = points.kind
            and earlier.report = points.report and earlier.workflow = points.workflow
            and earlier.metric = points.metric and earlier.line = points.line
            and earlier.line_branch = points.line_branch and earlier.place < points.place
            and earlier.finite_value is not null) as earlier_values
    from deltas
    inner join metric_points as points using (repository, report, workflow, commit_sha, kind, metric)
    where points.speaks_for_itself
)

select *
from lines
where
    (goal is null and (is_best or best_value is not null))
    or (
        goal = 'maximize' and (
            is_best <> coalesce(finite_value > coalesce(list_max(earlier_values), '-infinity'::double), false)
            or best_value is distinct from list_max(list_append(coalesce(earlier_values, []), finite_value))
        )
    )
    or (
        goal = 'minimize' and (
            is_best <> coalesce(finite_value < coalesce(list_min(earlier_values), 'infinity'::double), false)
            or best_value is distinct from list_min(list_append(coalesce(earlier_values, []), finite_value))
        )
    )
