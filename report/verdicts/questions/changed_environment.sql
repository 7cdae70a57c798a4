-- What differs between the places where a metric was measured at two commits, the machine before packages; nothing where
-- one of them is not known. Asks for: $repository, $report, $kind, $metric, $workflow, $commit_sha, $previous_sha.
with

places as (

    select
        measurements.commit_sha = $commit_sha as is_newer,
        commits.environment
    from measurements
    inner join run_attempts using (recorded_order)
    inner join commits on commits.rowid = run_attempts.row_number
    where
        measurements.repository = $repository
        and measurements.report = $report
        and measurements.kind = $kind
        and measurements.metric = $metric
        and measurements.workflow = $workflow
        and measurements.commit_sha in ($commit_sha, $previous_sha)
        and commits.environment is not null

),

parts as (

    select
        is_newer,
        unnest(json_keys(environment)) as part,
        unnest(json_extract_string(environment, '$.*')) as value
    from places
    where (select count(*) from places) = 2

)

select
    part,
    any_value(value) filter (not is_newer) as old_value,
    any_value(value) filter (is_newer) as new_value
from parts
-- Which config reports is no place.
where part <> 'config'
group by part
having old_value is distinct from new_value
order by starts_with(part, 'packages.'), part
