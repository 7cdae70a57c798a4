-- The last values along lines up to a place on each, oldest first.
-- Asks for: $line_ids and $places, of the same length; $at_most values of each.
with

asked as (

    select
        unnest($line_ids::bigint[]) as line_id,
        unnest($places::bigint[]) as place

)

select
    asked.line_id,
    asked.place,
    list(points.value order by points.place) as recent_values
from asked
inner join metric_points as points
    on points.line_id = asked.line_id and points.place between asked.place - $at_most + 1 and asked.place
group by asked.line_id, asked.place
