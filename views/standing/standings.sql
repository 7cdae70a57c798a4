-- Where each measurement leaves its line: as good as it was, or worse, and since when.
-- grain: one row per measurement of `verdicts`
-- units: line_id and places as in `metric_points`; reference_level, what it is worse than (or, where it is not, the level
--        that it is on), level, and recovered_level, that of before what ended here, in the metric's own unit;
--        reference_kind: 'level', 'baseline' or 'target'; is_lost_gain: what was better did not last; step_places:
--        where it became worse, or worse still
-- table: several views read it
with

followed as (

    select
        line_id, place, finding, verdict, direction, value, target, level,
        level + coalesce(change_gap, 0) as level_now,
        -- With the point itself: what the next one would be compared with.
        last_value(level + coalesce(change_gap, gap / (count_base + 1), 0) ignore nulls) over (
            partition by line_id order by place rows between unbounded preceding and 1 preceding
        ) as level_before_now,
        -- Of the last finite point up to here.
        count_earlier + count_repeats - 1 as last_position
    from verdicts

),

-- Each kind of being worse, with the place where it began.
combined as (

    select
        followed.*,
        judged_lines.worse_sign,
        level_standings.event,
        level_standings.reference_level as level_before,
        -- Far off for the better, and as good as before: that one is not worse, whatever comes of it.
        coalesce(
            finding in ('sharp', 'suspected')
            and direction = 'better'
            and judged_lines.worse_sign * (value - level_before) <= smallest_effect(level_before, judged_lines),
            false
        ) as is_beyond_before,
        case
            when level_standings.is_worse and last_position < coalesce(recovered_position, last_position + 1)
                then level_standings.since_place
        end as open_place,
        if(is_beyond_before, null, open_place) as level_place,
        level_standings.step_places,
        out_of_bounds.outside_place,
        out_of_bounds.drop_place,
        out_of_bounds.dropped_from,
        sharp_runs.since_place as sharp_place,
        sharp_runs.level as sharp_level,
        out_of_bounds.place is not null as was_outside
    from followed
    left join judged_lines using (line_id)
    asof left join level_standings
        on level_standings.line_id = followed.line_id and level_standings.known_position <= followed.last_position
    left join out_of_bounds on out_of_bounds.line_id = followed.line_id and out_of_bounds.place = followed.place
    left join sharp_runs
        on sharp_runs.line_id = followed.line_id and sharp_runs.place = followed.place

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
            else level_before_now
        end as reference_level,
        case
            when drop_place is not null and level_place is null then 'baseline'
            when finding = 'off target' and level_place is null and sharp_place is null then 'target'
            else 'level'
        end as reference_kind,
        case
            when worse_sign is null then 'unknown'
            when since_place is not null then 'worse'
            -- One point that is far off may be the first of many, and so may a first one.
            when not isfinite(value) or (finding in ('suspected', 'early') and direction = 'worse') then 'unknown'
            when finding = 'suspected' and is_beyond_before and open_place is not null then 'unknown'
            -- Whatever the level, a value that is inside its bounds again is back.
            when verdict = 'too_few' and (event = 'accepted' or (event = 'beginning' and not was_outside)) then 'unknown'
            else 'good'
        end as standing
    from combined

),

followed_up as (

    select
        *,
        -- Since place 0 for good.
        lag(
            case when standing <> 'unknown' then struct_pack(
                since := coalesce(since_place, 0), level := if(reference_kind = 'target', null, reference_level)
            ) end
            ignore nulls
        ) over (partition by line_id order by place) as before
    from stood

)

select
    line_id,
    place,
    standing,
    since_place,
    coalesce(standing = 'good' and finding <> 'accepted' and before.since > 0, false) as is_recovered,
    -- What was better for a few points only is no better level that was lost.
    finding = 'changed' and direction = 'worse' and since_place is null as is_lost_gain,
    if(standing = 'good', nullif(before.since, 0), since_place) as told_place,
    reference_level,
    reference_kind,
    case when level_place is not null or since_place is null then level_now else value end as level,
    if(is_recovered, before.level, null) as recovered_level,
    case
        when since_place is not null then list_sort(list_distinct(list_filter(
            list_concat(if(level_place is null, [], step_places), [outside_place, drop_place, sharp_place]),
            lambda step_place: step_place is not null
        )))
    end as step_places
from followed_up
