-- Measurements that need no level to be bad: no number, infinite the wrong way, or short of the target.
-- grain: one row per such measurement × judged line
-- units: places as in `metric_points`; since_place is where the run of them began that lasts here, empty where it is
--        accepted: then it counts no more until a value is inside again
with

outside as (

    select line_id, place, is_accepted, false as is_off_target
    from metric_points
    inner join judged_lines using (line_id)
    -- After numbers only: what never gave a number has nothing to fall from.
    where count_earlier > 0 and (isnan(value) or (is_infinite(value) and sign(value) = worse_sign)) and worse_sign is not null
    union all
    select line_id, place, is_accepted, true
    from metric_points
    inner join judged_lines using (line_id)
    inner join metric_rules on metric_rules.metric = metric_points.metric
    where worse_sign * (value - target) > 0

),

runs as (

    select *, place - row_number() over (partition by line_id, is_off_target order by place) as run
    from outside

),

lasting as (

    select
        *,
        min(place) over so_far as since_place,
        is_off_target and bool_or(is_accepted) over so_far as was_accepted
    from runs
    window so_far as (partition by line_id, is_off_target, run order by place rows unbounded preceding)

)

select
    line_id,
    place,
    min(since_place) filter (not was_accepted) as since_place,
    coalesce(bool_or(is_off_target) filter (not was_accepted), false) as is_off_target
from lasting
group by line_id, place
