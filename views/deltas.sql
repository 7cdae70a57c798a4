-- Each measurement against the one before it, against its baseline and against the best so far.
-- grain: one row per measurement
-- units: deltas in the metric's own unit; percent of the absolute previous value; baseline_distance in commits
-- kind: materialized
with

points as (

    select
        metric_points.*,
        -- The point as one value, so that a window can hand on all of it. Only finite values can be compared with.
        case when finite_value is not null then {
            'commit_sha': commit_sha, 'value': finite_value, 'place': place, 'distance': distance
        } end as point,
        -- A metric without a goal has no better way, and so no best.
        case metric_points.goal when 'minimize' then -finite_value when 'maximize' then finite_value end as goodness,
        coalesce(metric_rules.baseline, settings.baseline) as baseline_kind
    from metric_points
    cross join settings
    left join metric_rules on metric_rules.metric = metric_points.metric

),

looked_back as (

    select
        *,
        last_value(point ignore nulls) over earlier as previous,
        last_value(case when is_on_default_branch then point end ignore nulls) over earlier as default_point,
        -- Of several that are equally good, the first.
        arg_max(point, goodness) over earlier as best,
        max(goodness) over earlier as best_goodness
    from points
    window earlier as (
        partition by repository, line, line_branch, kind, metric
        order by place
        rows between unbounded preceding and 1 preceding
    )

),

answers as (

    select
        *,
        coalesce(goodness > best_goodness or (goodness is not null and best_goodness is null), false) as is_best
    from looked_back
    where speaks_for_itself

),

-- For a branch whose own line never touched the default branch: what that branch had by then.
default_branch_points as (

    select points.repository, points.kind, points.metric, points.first_order, points.point
    from points
    inner join settings on settings.default_branch = points.line_branch
    where points.line = 'branch' and points.point is not null

),

with_baseline as (

    select
        answers.*,
        case answers.baseline_kind
            when 'previous' then answers.previous
            when 'best' then answers.best
            when 'default_branch' then coalesce(
                answers.default_point,
                case when not answers.is_on_default_branch then default_branch_points.point end
            )
        end as baseline
    from answers
    asof left join default_branch_points
        on
            default_branch_points.repository = answers.repository
            and default_branch_points.kind = answers.kind
            and default_branch_points.metric = answers.metric
            and default_branch_points.first_order < answers.first_order

)

select
    repository,
    branch,
    commit_sha,
    recorded_at,
    recorded_order,
    kind,
    metric,
    goal,
    value,
    previous.commit_sha as previous_commit_sha,
    previous.value as previous_value,
    finite_value - previous.value as delta,
    -- Of nothing, and beyond what a number can hold (1e300 against 1e-300), there is no percentage.
    case when isfinite(100 * delta / abs(previous.value)) then 100 * delta / abs(previous.value) end as delta_percent,
    baseline_kind,
    baseline.commit_sha as baseline_commit_sha,
    baseline.value as baseline_value,
    -- Commits where the ancestry is known, else measurements on the same line.
    case
        when baseline.distance is not null and distance is not null then baseline.distance - distance
        when baseline_kind <> 'default_branch' or default_point is not null then place - baseline.place
    end as baseline_distance,
    finite_value - baseline.value as baseline_delta,
    case when is_best then finite_value else best.value end as best_value,
    is_best
from with_baseline
