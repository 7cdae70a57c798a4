-- Where each measurement leaves its line: as good as it was, or worse, and since when.
-- grain: one row per measurement of `verdicts`
-- units: line_id and places as in `metric_points`; reference_level, what it is worse than (or, where it is not, the level
--        that it is on), and level in the metric's own unit; is_lost_gain: what was better did not last; step_positions as in
--        `level_standings`
-- table: several views read it
with

followed as (

    select
        line_id, place, finding, verdict, direction, value, target, level,
        level + coalesce(change_gap, 0) as level_now,
        -- Of the last finite point up to here.
        count_earlier - if(isfinite(value), 0, 1) as last_position
    from verdicts

),

-- Points that are bad by themselves, or may be, one after the other.
sharp as (

    select
        line_id,
        place,
        bool_or(finding = 'sharp') over in_run as is_bad,
        min(place) over in_run as since_place,
        first_value(level) over in_run as level
    from (
        select *, place - row_number() over (partition by line_id order by place) as run
        from followed
        where finding in ('sharp', 'suspected') and direction = 'worse'
    )
    window in_run as (partition by line_id, run order by place rows unbounded preceding)

),

-- Each kind of being worse, with the place where it began.
combined as (

    select
        followed.*,
        judged_lines.worse_sign,
        level_standings.event,
        case
            when level_standings.is_worse and last_position < coalesce(recovered_position, last_position + 1)
                then level_standings.since_place
        end as level_place,
        value_of(level_standings.reference_level, judged_lines) as level_before,
        level_standings.step_positions,
        outside_points.since_place as outside_place,
        if(followed.place < coalesce(drops.until_place, followed.place + 1), drops.from_place, null) as drop_place,
        drops.baseline_value as dropped_from,
        sharp.since_place as sharp_place,
        sharp.level as sharp_level
    from followed
    left join judged_lines using (line_id)
    asof left join level_standings
        on level_standings.line_id = followed.line_id and level_standings.known_position <= followed.last_position
    left join outside_points
        on outside_points.line_id = followed.line_id and outside_points.place = followed.place
    asof left join drops
        on drops.line_id = followed.line_id and drops.from_place <= followed.place
    left join sharp
        on sharp.line_id = followed.line_id and sharp.place = followed.place and sharp.is_bad

),

stood as (

    select
        *,
        least(level_place, outside_place, drop_place, sharp_place) as since_place,
        case
            when since_place is null then level_now
            when level_place is not null then level_before
            when drop_place is not null then dropped_from
            when sharp_place is not null then sharp_level
            when finding = 'off target' then target
        end as reference_level,
        case
            when worse_sign is null then 'unknown'
            when since_place is not null then 'worse'
            -- One point that is far off may be the first of many, and so may a first one.
            when not isfinite(value) or (finding in ('suspected', 'early') and direction = 'worse') then 'unknown'
            when verdict = 'too_few' and event in ('beginning', 'accepted') then 'unknown'
            else 'good'
        end as standing
    from combined

),

followed_up as (

    select
        *,
        -- 0 for good.
        lag(case when standing <> 'unknown' then coalesce(since_place, 0) end ignore nulls) over (
            partition by line_id order by place
        ) as since_place_before
    from stood

)

select
    line_id,
    place,
    standing,
    since_place,
    coalesce(standing = 'good' and since_place_before > 0, false) as is_recovered,
    -- What was better for a few points only is no better level that was lost.
    finding = 'changed' and direction = 'worse' and since_place is null as is_lost_gain,
    if(standing = 'good', nullif(since_place_before, 0), since_place) as told_place,
    reference_level,
    case when level_place is not null or since_place is null then level_now else value end as level,
    case when level_place is not null then step_positions end as step_positions
from followed_up
