-- What the newest run attempts measured, and what a rule acts on. Asks for: $at_most.
select metric
from reported_numbers
where recorded_order > (select max(recorded_order) from run_attempts) - $at_most
union
select metric
from metric_rules
where on_regression <> 'report' or on_suspected <> 'report'
