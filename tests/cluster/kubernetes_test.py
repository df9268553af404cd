#!/usr/bin/env python3
"""Runs the containers of docs/cluster/kubernetes.yaml as its Jobs say, without Kubernetes.   ESPDUMP CAPTURE KEYS

Each container gets the paths that it mounts, and no others: volumes are directories here, and what names a mount names
that directory. Exit 77: there is nothing to read YAML with.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

try:
    import yaml
except ImportError:
    print("kubernetes: no PyYAML here")
    sys.exit(77)

HERE = os.path.dirname(os.path.realpath(__file__))
CLUSTER = os.path.realpath(os.path.join(HERE, "../../docs/cluster"))
CAPTURES = 6


def pod_of(job):
    return job["spec"]["template"]["spec"]


def mounts_of(job, volumes):
    """Mount paths and the directories behind them; every mount must be of a volume that the pod has."""
    known = {volume["name"] for volume in pod_of(job)["volumes"]}
    mounts = {"/opt/espdump": CLUSTER}
    for mount in pod_of(job)["containers"][0]["volumeMounts"]:
        assert mount["name"] in known, mount
        mounts[mount["mountPath"]] = volumes[mount["name"]]
    return mounts


def start(job, volumes, path, index=None):
    """The exit status of a pod's container."""
    container = pod_of(job)["containers"][0]
    words = container["command"] + container.get("args", [])
    for mount, directory in mounts_of(job, volumes).items():
        words = [re.sub(r"(?<![\w./])%s(?=/|\s|$)" % mount, directory, word) for word in words]
    environment = {"PATH": path, "TMPDIR": "/nonexistent"}  # its root is read-only
    if index is not None:
        environment["JOB_COMPLETION_INDEX"] = str(index)
    return subprocess.run(words, env=environment, cwd="/", check=False).returncode


def check_rules(job):
    """What an API server would refuse, or should."""
    assert job["apiVersion"] == "batch/v1" and job["kind"] == "Job"
    assert pod_of(job)["restartPolicy"] in ("Never", "OnFailure")
    (container,) = pod_of(job)["containers"]
    assert "env" not in container and "envFrom" not in container, "keys in an environment"
    assert container["securityContext"]["readOnlyRootFilesystem"] is True


def main():
    espdump, capture, keys = (os.path.realpath(path) for path in sys.argv[1:4])
    with open(os.path.join(CLUSTER, "kubernetes.yaml"), encoding="utf-8") as file:
        tasks, merge = yaml.safe_load_all(file)
    for job in (tasks, merge):
        check_rules(job)
    assert tasks["spec"]["completionMode"] == "Indexed" and merge["spec"]["suspend"] is True
    with tempfile.TemporaryDirectory() as place:
        volumes = {name: os.path.join(place, name) for name in ("captures", "keys", "parts")}
        for directory in volumes.values():
            os.mkdir(directory)
        os.mkdir(os.path.join(place, "bin"))
        os.symlink(espdump, os.path.join(place, "bin/espdump"))
        path = os.path.join(place, "bin") + ":/usr/bin:/bin"
        shutil.copy(keys, os.path.join(volumes["keys"], "xfrm.txt"))
        subprocess.run([sys.executable, os.path.join(HERE, "ring.py"), capture, volumes["captures"], str(CAPTURES)],
                       check=True)
        names = [os.path.join(volumes["captures"], "%d.pcap" % number) for number in range(CAPTURES)]
        with open(os.path.join(volumes["captures"], "list.txt"), "w", encoding="utf-8") as out:
            out.writelines(name + "\n" for name in names)
        one = subprocess.run([espdump, *names, "--keys", os.path.join(volumes["keys"], "xfrm.txt"), "-q", "--json"],
                             stdout=subprocess.PIPE, check=True)

        # A pod that fails is started again, and one may run twice.
        os.rename(names[2], names[2] + ".away")
        assert start(tasks, volumes, path, 2) != 0 and not os.listdir(volumes["parts"])
        os.rename(names[2] + ".away", names[2])
        for index in (*range(1, CAPTURES), 3):
            assert start(tasks, volumes, path, index) == 0, index
        assert start(merge, volumes, path) != 0, "merged without a capture"
        assert start(tasks, volumes, path, 0) == 0
        assert start(merge, volumes, path) == 0
        with open(os.path.join(volumes["parts"], "report.json"), "rb") as file:
            assert file.read() == one.stdout, "another report than that of one run"
    print("kubernetes: the containers of six pods and of the merge, as the manifest has them; the report is that of one run")


if __name__ == "__main__":
    main()
