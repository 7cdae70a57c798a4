#!/usr/bin/env bash
# Without a CI: reports on the newest commit of a branch, once. From cron, as
#
#   */15 * * * *  /opt/devops-mlops-report/examples/cron.sh /srv/checkouts/wine main
#
# for a clone that is there for this alone, where `devops-mlops-report` is on PATH. The history is kept beside the
# clone, unless the config names a branch or a gist; a token for it is in the environment (HISTORY_TOKEN, GIST_TOKEN).
set -euo pipefail
checkout=$1 branch=${2:-main}

cd "$checkout"
exec 9> .git/devops-mlops-report.lock
flock --nonblock 9 || exit 0 # the run before this one is not done

git fetch --quiet origin "$branch"
commit=$(git rev-parse FETCH_HEAD)
if [[ "$commit" == "$(cat .git/devops-mlops-report.last 2> /dev/null || true)" ]]; then exit 0; fi
git checkout --quiet -B "$branch" "$commit"

options=()
if [[ ! -e report-config.yml && ! -e .github/report-config.yml ]]; then options+=(--history "$checkout.commitHistory.csv"); fi
if [[ -x ./measure.sh ]]; then ./measure.sh && status=success || status=failure; options+=(--status "$status"); fi
if [[ -f metrics.json ]]; then options+=(--metrics metrics.json); fi
devops-mlops-report run "${options[@]}"
echo "$commit" > .git/devops-mlops-report.last
