-- NaN and infinities are shown, never compared with.
select *
from deltas
where
    not isfinite(previous_value)
    or not isfinite(baseline_value)
    or not isfinite(best_value)
    or (is_best and not isfinite(value))
