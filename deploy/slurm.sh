#!/bin/sh
# Proxima as an array of Slurm jobs: each task is a worker that leaves when nothing is left to do.
#
#   sbatch --array=1-20 slurm.sh /mnt/share/farm
#
# scancel sends SIGTERM, on which a worker gives back what it holds: nothing is lost, and others go
# on with it. The farm and the media must be mounted on the nodes, as farm.yaml's roots say.
#SBATCH --job-name=proxima
#SBATCH --cpus-per-task=8
#SBATCH --mem=8G
#SBATCH --time=12:00:00
#SBATCH --signal=TERM@120
#SBATCH --requeue
#SBATCH --output=proxima-%A_%a.log

# Slurm keeps a task within its cores, so the slots are counted by them and not by the node's. From
# release 22.05 on srun has to be told of them again, or takes one.
cores=${SLURM_CPUS_PER_TASK:-2}
exec srun --cpus-per-task="$cores" proxima work --farm "$1" --until-idle --may-sleep \
	--name "slurm-$(hostname -s)-${SLURM_ARRAY_TASK_ID:-0}" \
	--slots "$(((cores + 1) / 2))"
