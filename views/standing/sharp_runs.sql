-- Points that are bad by themselves, and those beside them that may be, one after the other.
-- grain: one row per measurement in such a run, from its first sharp one on
-- units: line_id and places as in `metric_points`: since_place is where the run began, level what its first point was
--        judged against, in the metric's own unit
with

runs as (

    select line_id, place, finding, level, place - row_number() over (partition by line_id order by place) as run
    from verdicts
    where finding in ('sharp', 'suspected') and direction = 'worse'

)

select
    line_id,
    place,
    min(place) over so_far as since_place,
    first_value(level) over so_far as level
from runs
window so_far as (partition by line_id, run order by place rows unbounded preceding)
qualify bool_or(finding = 'sharp') over so_far
