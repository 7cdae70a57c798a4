-- The points that stand for a release, or for the commit that the config names: measured there, or nearest before it.
-- grain: one row per line × metric × baseline_kind × point that stands for one
-- units: line_id and place as in `metric_points`; tag is the newest of the releases that it stands for
-- table: two views read it
with

lines as (

    select
        line_id,
        line_number_of(line_id) as line_number,
        any_value(coalesce(metric_rules.baseline_commit, settings.baseline_commit)) as baseline_commit
    from metric_points
    cross join settings
    left join metric_rules on metric_rules.metric = metric_points.metric
    group by line_id

),

named as (

    select
        line_id,
        line_number,
        'release' as baseline_kind,
        commit_sha,
        tag
    from lines
    cross join release_tags
    union all
    select
        line_id,
        line_number,
        'commit',
        baseline_commit,
        null
    from lines
    where baseline_commit is not null

),

heads as (

    select distinct
        repository,
        line_number
    from commit_lines
    where line = 'ancestry'

),

-- Those of the checkout, or each repository's own.
ancestors as (

    select
        heads.line_number,
        ancestry.*
    from ancestry
    inner join heads on heads.repository = ancestry.repository
    union all
    select
        heads.line_number,
        ancestry.*
    from ancestry
    cross join heads
    where ancestry.repository is null

),

-- A commit that never reported has a place among HEAD's ancestors all the same; one that a merge brought in has that
-- of the commit which the merge came to.
places as (

    select
        line_number,
        line_order,
        commit_sha
    from commit_lines
    union
    select
        line_number,
        -min(if(is_first_parent, distance, merge_distance + 1)),
        commit_sha
    from ancestors
    group by line_number, commit_sha

),

placed as (

    select
        named.line_id,
        named.baseline_kind,
        named.tag,
        places.line_order
    from named
    inner join places
        on
            places.line_number = named.line_number
            -- The config may shorten a hash, as git does. Equal beginnings first: a join needs something equal.
            and left(places.commit_sha, 7) = left(named.commit_sha, 7)
            and starts_with(places.commit_sha, named.commit_sha)

)

select
    placed.line_id,
    placed.baseline_kind,
    points.place,
    arg_max(placed.tag, (placed.line_order, placed.tag)) as tag
from placed
asof inner join (select line_id, line_order, place from metric_points where finite_value is not null) as points
    on points.line_id = placed.line_id and points.line_order <= placed.line_order
group by placed.line_id, placed.baseline_kind, points.place
