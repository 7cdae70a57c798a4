-- A delta is there exactly where both values are finite, and is their difference; so is the baseline's.
select *
from deltas
where
    (delta is not null) <> (isfinite(value) and previous_value is not null)
    or delta <> value - previous_value
    or (baseline_delta is not null) <> (isfinite(value) and baseline_value is not null)
    or baseline_delta <> value - baseline_value
