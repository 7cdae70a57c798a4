-- Each measurement against the one before it, against its baseline and against the best so far.
-- grain: one row per measurement
-- units: deltas in the metric's own unit; percent of the absolute previous value; baseline_distance in commits;
--        baseline_found_by: among HEAD's ancestors ('ancestry'), in the order of the own branch ('branch') or, where
--        neither has one, elsewhere by then ('time'); baseline_tag is the release's
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
    previous_commit_sha,
    previous_value,
    finite_value - previous_value as delta,
    -- Of nothing, and beyond what a number can hold (1e300 against 1e-300), there is no percentage.
    case when isfinite(100 * delta / abs(previous_value)) then 100 * delta / abs(previous_value) end as delta_percent,
    baseline_kind,
    baseline_commit_sha,
    baseline_value,
    baseline_distance,
    finite_value - baseline_value as baseline_delta,
    best_value,
    is_best,
    baseline_found_by,
    baseline_tag
from comparisons
