# Workers as a Nomad batch job: five that leave when nothing is left to do.
#
#   nomad job run nomad.hcl
#
# proxima and ffmpeg are on the clients; each has a host volume "media", which holds farm and media
# and is mounted where farm.yaml's roots say.
job "proxima" {
  type        = "batch"
  datacenters = ["*"]

  group "workers" {
    count = 5

    # One a machine: a worker takes all the slots that it is given.
    constraint {
      operator = "distinct_hosts"
      value    = "true"
    }

    volume "media" {
      type   = "host"
      source = "media"
    }

    task "worker" {
      driver = "exec"
      user   = "nobody" # who may read the media and write the proxies

      # On SIGTERM it gives its units back; a slow share may take a while over it. The clients'
      # own max_kill_timeout, 30s unless it is set, is the most that they wait.
      kill_signal  = "SIGTERM"
      kill_timeout = "120s"

      config {
        command = "/usr/bin/proxima"
        args    = ["work", "--farm", "/mnt/media/farm", "--until-idle", "--may-sleep", "--slots", "4"]
      }

      volume_mount {
        volume      = "media"
        destination = "/mnt/media"
      }

      resources {
        cores  = 8
        memory = 8192
      }
    }
  }
}
