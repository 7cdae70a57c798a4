-- MLflow's SQLite store: the final value of each metric of a run. Asks for: $run_id.
select
    key,
    case when is_nan then 'nan' else value end as value
from latest_metrics
where run_uuid = $run_id
order by key
