-- Where on its line, or on another, each wanted measurement finds what it is compared with.
-- grain: one row per measurement that answers for itself, from the first watched one of its line on
-- units: line_id and place as in `metric_points`; best_goodness is the best finite value before, as if more were better
with

points as (

    select
        line_id,
        metric_points.place,
        line,
        -- A bound on drops holds on from a drop to whenever it ends: it is asked of all points.
        speaks_for_itself and (metric_points.place >= watched_place or metric_rules.max_drop is not null) as is_wanted,
        is_on_default_branch,
        finite_value,
        coalesce(metric_rules.baseline, settings.baseline) as baseline_kind,
        -- A metric without a goal has no better way, and so no best.
        case metric_points.goal when 'minimize' then -finite_value when 'maximize' then finite_value end as goodness
    from metric_points
    inner join asked_lines using (line_id)
    cross join settings
    left join metric_rules on metric_rules.metric = metric_points.metric

),

-- Places, not the points themselves: numbers are quick to hand on.
looked_back as (

    select
        points.*,
        max(goodness) over earlier as best_goodness,
        max(case when finite_value is not null then points.place end) over earlier as previous_place,
        max(case when finite_value is not null and is_on_default_branch then points.place end) over earlier
        as default_place,
        max(baseline_points.place) over earlier as named_place
    from points
    left join baseline_points using (line_id, place, baseline_kind)
    window earlier as (
        partition by points.line_id order by points.place rows between unbounded preceding and 1 preceding
    )

),

-- Of several that are equally good, the first.
bests as (

    select line_id, goodness as best_goodness, min(place) as best_place
    from points
    where baseline_kind = 'best'
    group by line_id, goodness

),

wanted as (

    select
        looked_back.*,
        case baseline_kind
            when 'previous' then previous_place
            when 'best' then best_place
            when 'default_branch' then default_place
            else named_place
        end as baseline_place
    from looked_back
    left join bests using (line_id, best_goodness)
    where is_wanted

),

-- The newest merge behind a measurement, where it is no farther than what the own line has.
by_merge as (

    select wanted.line_id, wanted.place, merged.baseline_line_id, merged.baseline_place
    from wanted
    inner join metric_points as points using (line_id, place)
    asof inner join merged_baselines as merged
        on
            merged.repository = points.repository and merged.series = series_of(wanted.line_id)
            and merged.baseline_kind = wanted.baseline_kind
            and merged.merge_distance >= points.distance
    left join metric_points as own on own.line_id = wanted.line_id and own.place = wanted.baseline_place
    where wanted.line = 'ancestry' and coalesce(merged.distance <= own.distance, true)

),

-- Where the own line has none: what the default branch, the releases on it, or the named commit had given by then.
by_time as (

    select wanted.line_id, wanted.place, elsewhere.line_id as baseline_line_id, elsewhere.place as baseline_place
    from wanted
    inner join metric_points as points using (line_id, place)
    asof inner join (from baselines_elsewhere where baseline_kind = 'commit' or is_on_default_branch) as elsewhere
        on
            elsewhere.repository = points.repository and elsewhere.series = series_of(wanted.line_id)
            and elsewhere.baseline_kind = wanted.baseline_kind
            and elsewhere.first_order < points.first_order
    where
        wanted.baseline_place is null
        and (wanted.baseline_kind <> 'default_branch' or not wanted.is_on_default_branch)

)

select
    wanted.line_id,
    wanted.place,
    best_goodness,
    coalesce(goodness > best_goodness or (goodness is not null and best_goodness is null), false) as is_best,
    previous_place,
    baseline_kind,
    coalesce(by_merge.baseline_line_id, by_time.baseline_line_id, wanted.line_id) as baseline_line_id,
    coalesce(by_merge.baseline_place, by_time.baseline_place, wanted.baseline_place) as baseline_place,
    case
        when by_merge.line_id is not null then 'ancestry'
        when by_time.line_id is not null then 'time'
        when wanted.baseline_place is not null then line
    end as baseline_found_by
from wanted
left join by_merge using (line_id, place)
left join by_time using (line_id, place)
