# Sourced by e2e and real: makes the machine ready for hosts in network namespaces, and cleans up after them. Before it are set:
# suite (its name), title, prefix (of namespaces), module, evidence, json, keep and further_packages.

# Nothing can be shown on this machine: that is neither a pass nor a failure.
skip() {
    echo "$title is skipped: $1"
    if [ -n "$json" ]; then
        mkdir -p "$(dirname "$json")"
        printf '{"cases": [{"name": "all", "result": "skipped", "reason": "%s"}]}\n' "$1" >"$json"
    fi
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
}

install_missing() {
    local packages=()
    command -v ip >/dev/null || packages+=(iproute2)
    command -v nginx >/dev/null || packages+=(nginx-light)
    command -v redis-server >/dev/null && command -v redis-cli >/dev/null || packages+=(redis-server)
    command -v unshare >/dev/null || packages+=(util-linux)
    [ -x /usr/lib/ocf/resource.d/heartbeat/IPaddr2 ] || packages+=(resource-agents)
    [ -x /usr/lib/ocf/resource.d/pacemaker/Stateful ] || packages+=(pacemaker-resource-agents)
    packages+=("${further_packages[@]}")
    perl -MTime::HiRes -e 1 2>/dev/null || packages+=(perl)
    ((${#packages[@]})) || return 0
    command -v apt-get >/dev/null || skip "needs ${packages[*]}, and there is no apt-get"
    echo "installing ${packages[*]} …"
    # no service of these packages may start on the machine itself
    local policy=/usr/sbin/policy-rc.d made=
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' >$policy
        chmod 755 $policy
        made=1
    fi
    export DEBIAN_FRONTEND=noninteractive
    { apt-get install -y --no-install-recommends "${packages[@]}" ||
        { apt-get update && apt-get install -y --no-install-recommends "${packages[@]}"; }; } >"$evidence/apt.log" 2>&1 ||
        local failed=1
    [ -z "$made" ] || rm -f $policy
    [ -z "${failed:-}" ] || skip "apt-get could not install ${packages[*]}, see $evidence/apt.log"
}

# Everything of this run is in one cgroup and carries one prefix, so that it can be found whatever happened.
clean_up() {
    local status=$?
    trap - EXIT INT TERM
    set +e
    if [ -f "$cgroup/cgroup.kill" ]; then
        echo 1 >"$cgroup/cgroup.kill"
        for _ in $(seq 100); do
            grep -q 'populated 0' "$cgroup/cgroup.events" && break
            sleep 0.05
        done
        find "$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null
    fi
    # the cgroups, and the hosts' disks where they are mounted
    awk -v work="$work/" 'index($2, work) == 1 {print $2}' /proc/mounts | sort -r | xargs -r -n 1 umount
    ip netns list | awk '{print $1}' | grep "^$prefix" | xargs -r -n 1 ip netns del
    [ -n "$keep" ] && echo "kept: $work" || rm -rf "$work"
    [ -z "$made_directories" ] || rmdir $made_directories 2>/dev/null
    exit "$status"
}

# Afterwards $work is the directory of this run, $work/opt has the product, and $cgroup is its cgroup.
prepare_lab() {
    [ "$(id -u)" -eq 0 ] || skip "needs root"
    mkdir -p "$evidence"
    install_missing
    unshare --mount --uts --ipc --pid --fork --kill-child true 2>/dev/null || skip "no namespaces can be made here"
    . "$module/bin/classes.sh"

    prefix=$prefix$$-
    work=$(mktemp -d "/var/lib/quorate-$suite.XXXXXX")
    cgroup=$work/cgroup/$prefix
    made_directories=
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    # where each host mounts its own
    for directory in /etc/quorate /var/lib/quorate; do
        if [ ! -d $directory ]; then
            mkdir $directory
            made_directories="$made_directories $directory"
        fi
    done
    mkdir "$work/cgroup"
    mount -t cgroup2 cgroup2 "$work/cgroup" 2>/dev/null || skip "cgroup version 2 cannot be mounted here"
    mkdir "$cgroup" 2>/dev/null || skip "no cgroup can be made here"
    [ -f "$cgroup/cgroup.kill" ] || skip "this kernel has no cgroup.kill (Linux 5.14)"

    # The product as it is installed on a host: the launcher with its jars, apart from the sources.
    mkdir -p "$work/opt/server/target"
    cp "$root/quorate" "$work/opt/"
    cp -r "$root/server/target/quorate-server.jar" "$root/server/target/lib" "$work/opt/server/target/"
    # Makes the launcher's class archives, so that the hosts do not all make them at once: for the Java that they find.
    as_host=(env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)
    "${as_host[@]}" "$work/opt/quorate" version >/dev/null
    "${as_host[@]}" "$work/opt/quorate" server --help >/dev/null
}

# Runs a class of this module in the cgroup of the run. In the background, so that a signal is answered at once.
run_in_lab() {
    local status=0
    (
        echo 0 >"$cgroup/cgroup.procs"
        exec "$java" -Xmx256m -XX:+UseSerialGC -cp "$module/target/classes:$work/opt/server/target/quorate-server.jar" \
            "$@" --work "$work" --product "$work/opt" --cgroup "$cgroup" --prefix "$prefix" \
            --guide "$root/docs/operators-guide.md" --evidence "$evidence" ${json:+--json "$json"}
    ) </dev/null &
    wait $! || status=$?
    exit "$status"
}
