-- The metrics that the history has values of, the most often measured first.
-- One row per metric.
select metric, count(*) as count_values
from measurements
where kind = 'ml'
group by metric
order by count_values desc, metric
