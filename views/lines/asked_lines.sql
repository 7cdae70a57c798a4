-- The lines that answers are wanted for, and from which point on: a report on one commit needs few of a long history.
-- grain: one row per line × metric on which some wanted measurement answers for itself
-- units: from_place and from_position (which counts finite points, from 0) are where the wanted ones begin: at the
--        same commit for all metrics of a line; watched_place is that of a point so many finite ones before it as a new
--        level may be long, so that what they began is known
-- table: several views read it
with

-- The report says in `reported_commits` which ones it shows; nobody said so: all of them.
wanted as (

    select
        line_id,
        min(line_order) as line_order
    from metric_points
    where
        speaks_for_itself
        and (
            commit_sha in (select commit_sha from reported_commits)
            or not exists (select 1 from reported_commits)
        )
    group by line_id

),

beginnings as (

    select
        line_id,
        min(line_order) over (partition by line_number_of(line_id)) as line_order
    from wanted

),

starts as (

    select
        beginnings.line_id,
        min(metric_points.place) as from_place,
        min(metric_points.count_earlier) as from_position
    from beginnings
    inner join metric_points
        on metric_points.line_id = beginnings.line_id and metric_points.line_order >= beginnings.line_order
    group by beginnings.line_id

)

select
    starts.line_id,
    starts.from_place,
    starts.from_position,
    min(metric_points.place) as watched_place
from starts
inner join metric_points
    on metric_points.line_id = starts.line_id and metric_points.count_earlier >= from_position - longest_shift()
group by starts.line_id, starts.from_place, starts.from_position
