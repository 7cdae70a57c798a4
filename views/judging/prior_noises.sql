-- What is known of a line's noise before it has a level long enough to tell: from several runs of one commit, or from
-- the same metric on the default branch.
-- grain: one row per finite point × judged line of which something is known
-- units: position as in `judged_points`; variance of its y, of so many degrees of freedom (count_known)
-- table: two views read it
with

lines as (

    select judged_lines.*, settings.default_branch
    from judged_lines
    cross join settings

),

-- Squares around each commit's own mean, where several of its runs gave a number.
repeats as (

    select
        line_id,
        metric_points.count_earlier as position,
        count(*) - 1 as freedom,
        -- In one order, as the last digit of a sum depends on it.
        var_pop(measurable(reported_numbers.value) order by reported_numbers.recorded_order) * count(*) as squares
    from measurements
    inner join metric_points using (recorded_order, repository, report, workflow, commit_sha, kind, metric)
    inner join lines using (line_id)
    inner join reported_numbers using (repository, report, workflow, commit_sha, kind, metric)
    where measurements.count_values > 1 and finite_value is not null and isfinite(reported_numbers.value)
    group by line_id, metric_points.count_earlier

),

branches as (

    select line_id, series_of(line_id) as series, any_value(lines.repository) as repository, min(first_order) as first_order
    from lines
    inner join metric_points using (line_id)
    where lines.line = 'branch' and lines.line_branch <> default_branch
    group by line_id

),

differences as (

    select
        repository, series_of(line_id) as series, line_id, first_order, place,
        abs(measurable(finite_value) - measurable(lag(finite_value) over (partition by line_id order by place))) as difference
    from metric_points
    inner join settings on settings.default_branch = metric_points.line_branch
    where
        line = 'branch'
        and finite_value is not null
        and (repository, series_of(line_id)) in (select (repository, series) from branches)

),

-- By the differences from one commit to the next, whose median steps and outliers do not move.
default_noises as (

    select
        *,
        1.4826 * median(difference) over lately as deviation,
        count(difference) over lately as freedom
    from differences
    window lately as (partition by line_id order by place rows between 59 preceding and current row)

),

-- What the default branch knew when the branch began.
inherited as (

    select
        branches.line_id,
        least(freedom, most_inherited()) as count_known,
        -- A difference has the noise of two.
        deviation ** 2 / 2 as variance
    from branches
    asof inner join default_noises
        on
            default_noises.repository = branches.repository
            and default_noises.series = branches.series
            and default_noises.first_order < branches.first_order
    where freedom >= shortest_base() and deviation > 0

),

by_then as (

    select
        judged_points.line_id,
        judged_points.position,
        sum(repeats.freedom) over so_far as freedom,
        sum(repeats.squares) over so_far as squares
    from judged_points
    left join repeats using (line_id, position)
    where line_id in (select line_id from repeats) or line_id in (select line_id from inherited)
    window so_far as (partition by judged_points.line_id order by judged_points.position rows unbounded preceding)

)

-- The default branch tells how commits differ; runs of one commit only how runs do, and count as two points at most.
select
    line_id,
    position,
    coalesce(count_known, least(freedom, next_base() - 1))::bigint as count_known,
    coalesce(variance, squares / freedom) as variance,
    if(count_known is null, 'several runs of a commit', 'the default branch') as known_from
from by_then
left join inherited using (line_id)
where count_known is not null or (freedom > 2 and squares > 0)
