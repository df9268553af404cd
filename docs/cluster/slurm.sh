#!/usr/bin/env bash
# A job on Slurm: an array with a task for each capture, and the merge once all of them are done.
#   slurm.sh LIST KEYS DIRECTORY REPORT
#
# All four are on a file system that every node sees; KEYS should be readable by you alone. Options for sbatch, such as
# --partition, go into SBATCH_OPTIONS. What failed can be submitted again: tasks that are done do nothing.
set -euo pipefail
list=$(realpath "$1") keys=$(realpath "$2") directory=$(realpath "$3") report=$(realpath -m "$4")
here=$(cd "$(dirname "$0")" && pwd)
read -ra options <<<"${SBATCH_OPTIONS:-}"

tasks=$(sbatch --parsable "${options[@]}" --array="1-$(wc -l <"$list")" --job-name=espdump --cpus-per-task=1 \
  --output="$directory/%a.log" --export=ALL,ESPDUMP_TASK="$here/task.sh" \
  --wrap="exec \"\$ESPDUMP_TASK\" \"\$SLURM_ARRAY_TASK_ID\" '$list' '$keys' '$directory'")
merge=$(sbatch --parsable "${options[@]}" --dependency="afterok:$tasks" --kill-on-invalid-dep=yes \
  --job-name=espdump-merge --cpus-per-task=1 --output="$directory/merge.log" \
  --wrap="exec '$here/merge.sh' '$list' '$directory' '$report'")
echo "tasks $tasks, merge $merge"
