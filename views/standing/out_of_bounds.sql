-- Measurements that are out of their bounds, or come after one that was: no number, off the target, or a drop too large.
-- grain: one row per measurement × line, from the line's first such one on
-- units: places as in `metric_points`: outside_place and drop_place are where what lasts here began; dropped_from in the
--        metric's own unit
with

first_ones as (

    select line_id, min(place) as place
    from (
        select line_id, since_place as place from outside_points
        union all
        select line_id, from_place from drops
    )
    group by line_id

)

select
    verdicts.line_id,
    verdicts.place,
    outside_points.since_place as outside_place,
    if(verdicts.place < coalesce(drops.until_place, verdicts.place + 1), drops.from_place, null) as drop_place,
    drops.baseline_value as dropped_from
from first_ones
inner join verdicts on verdicts.line_id = first_ones.line_id and verdicts.place >= first_ones.place
left join outside_points on outside_points.line_id = verdicts.line_id and outside_points.place = verdicts.place
asof left join drops on drops.line_id = verdicts.line_id and drops.from_place <= verdicts.place
