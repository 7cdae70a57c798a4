-- Of nothing there is no percentage, nor beyond what a number can hold.
select *
from deltas
where
    (delta_percent is not null)
    <> (delta is not null and previous_value <> 0 and isfinite(100 * delta / abs(previous_value)))
    or delta_percent <> 100 * delta / abs(previous_value)
