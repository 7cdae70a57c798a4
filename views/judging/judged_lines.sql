-- The lines of each metric that verdicts are given along: those on which some measurement answers for itself.
-- grain: one row per line × metric with a finite value
-- units: family as in `metric_points`; center (the median), min_effect and the bounds whole and whole_percent in the
--        metric's own unit; min_effect_share as a share of the level, or of its distance to the bound that it lives near
-- table: the recursions in `levels` and `splits` need their input at hand
with

extents as (

    select
        line_id,
        any_value(from_position) as from_position,
        any_value(repository) as repository,
        any_value(line) as line,
        any_value(line_branch) as line_branch,
        any_value(kind) as kind,
        any_value(family) as family,
        any_value(metric) as metric,
        sum(count_repeats)::bigint as count_points,
        -- Which way is worse: up or down. A metric without a goal has no worse way.
        case any_value(goal) when 'minimize' then 1 when 'maximize' then -1 end as worse_sign,
        median(measurable(finite_value)) as center
    from metric_points
    inner join asked_lines using (line_id)
    group by line_id
    having count(finite_value) > 0

),

-- What matters to nobody, where no rule says it: a build that takes 4 % or half a second longer, a tenth of a
-- percentage point of coverage.
usual_effects as (

    select
        *,
        case
            when kind = 'ci' and metric like '%seconds' then 1
            when metric like '%percent%' then 0.1
            else 0
        end as usual_effect,
        case
            when regexp_matches(lower(metric), '(^|[^a-z])(duration|seconds|latency|time|ms)([^a-z]|$)') then 5
            else 0
        end as usual_effect_percent
    from extents

)

select
    line_id,
    from_position,
    repository,
    line,
    line_branch,
    kind,
    family,
    usual_effects.metric,
    count_points,
    worse_sign,
    center,
    -- Where more is better, nothing is better than 1 or 100 %. A rule in percent is one of the level itself.
    case when worse_sign < 0 and metric_rules.min_effect_percent is null then 1 end as whole,
    case
        when
            whole = 1 and regexp_matches(
                lower(usual_effects.metric), '(^|[^a-z])(percent|pct|acc|accuracy|coverage|precision|recall|f1|auc)([^a-z]|$)'
            )
            then 100
    end as whole_percent,
    -- A rule that gives one of the two means that one alone.
    case
        when coalesce(metric_rules.min_effect, metric_rules.min_effect_percent) is not null
            then coalesce(metric_rules.min_effect, 0)
        else greatest(settings.min_effect, if(settings.min_effect_percent > 0, usual_effect, 0))
    end as min_effect,
    case
        when coalesce(metric_rules.min_effect, metric_rules.min_effect_percent) is not null
            then coalesce(metric_rules.min_effect_percent, 0)
        when settings.min_effect_percent > 0 then greatest(settings.min_effect_percent, usual_effect_percent)
        else 0
    end / 100 as min_effect_share
from usual_effects
cross join settings
left join metric_rules on metric_rules.metric = usual_effects.metric
