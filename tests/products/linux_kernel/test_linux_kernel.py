"""The kernel's settings of a host: files in their order, commands, hosts apart; with places."""

from __future__ import annotations

from tests.products.texts import facts, read, settings


def test_later_files_win_and_sysctl_conf_comes_after_the_folder() -> None:
    found, reports = read(
        "linux-kernel",
        {
            "vm/etc/sysctl.conf": "net.ipv4.tcp_keepalive_probes = 3\n",
            "vm/etc/sysctl.d/10-a.conf": "net.ipv4.tcp_keepalive_time=600\nnet/ipv4/tcp_keepalive_intvl = 30\n",
            "vm/etc/sysctl.d/99-b.conf": "#\nnet.ipv4.tcp_keepalive_time = 300\nnet.ipv4.tcp_keepalive_probes = 5\n",
        },
    )
    assert [(c.key, c.name, c.kind, c.scope, settings(c.settings)) for c in found] == [
        (
            "linux-kernel:vm/etc/sysctl.d/99-b.conf#host",
            "linux-kernel",
            "kernel",
            "dir:vm",
            [
                "net.ipv4.tcp_keepalive_time = 300 @ 2:1-34",
                "net.ipv4.tcp_keepalive_intvl = 30 @ 2:1-34",
                "net.ipv4.tcp_keepalive_probes = 3 @ 1:1-34",
            ],
        )
    ]
    assert {path: (report.status, report.problems) for path, report in reports.items()} == {
        "vm/etc/sysctl.conf": ("understood", []),
        "vm/etc/sysctl.d/10-a.conf": ("understood", []),
        "vm/etc/sysctl.d/99-b.conf": ("understood", []),
    }


def test_timers_of_the_kernel_and_of_its_connection_table() -> None:
    text = "net.ipv4.tcp_retries2 = 8\nnet.netfilter.nf_conntrack_tcp_timeout_established = 600\n"
    [host], _ = read("linux-kernel", {"sysctl.conf": text})
    timers = ("kernel.tcp_keepalive_time", "kernel.retransmit_total", "flow.idle_tcp", "flow.on_expiry", "flow.counts")
    assert facts(host.facts, *timers) == [
        "kernel.tcp_keepalive_time = 7200s (net.ipv4.tcp_keepalive_time, default @ 1:1)".replace("7200s", "2h"),
        "kernel.retransmit_total = 102200ms (net.ipv4.tcp_retries2, written @ 1:1)",
        "flow.idle_tcp = 600s (net.netfilter.nf_conntrack_tcp_timeout_established, written @ 2:1)",
        "flow.on_expiry = drop ((forgotten flow), fixed @ 1:1)",
        "flow.counts = any ((refreshing), fixed @ 1:1)",
    ]


def test_commands_in_scripts_and_units() -> None:
    found, _ = read(
        "linux-kernel",
        {
            "up.sh": "# sysctl -w net.ipv4.tcp_retries2=1\nsudo sysctl -qw net.ipv4.tcp_fin_timeout=15\n",
            "sysctl.conf": "net.ipv4.tcp_fin_timeout = 30\n",
        },
    )
    assert [settings(c.settings) for c in found] == [["net.ipv4.tcp_fin_timeout = 15 @ 2:17-44"]]


def test_files_of_other_names_are_hosts_of_their_own() -> None:
    found, _ = read(
        "linux-kernel",
        {
            "client.sysctl.conf": "net.ipv4.tcp_keepalive_time = 60\n",
            "server.sysctl.conf": "net.ipv4.tcp_keepalive_time = 90\n",
        },
    )
    assert [(c.span.path, facts(c.facts, "kernel.tcp_keepalive_time")) for c in found] == [
        ("client.sysctl.conf", ["kernel.tcp_keepalive_time = 60s (net.ipv4.tcp_keepalive_time, written @ 1:1)"]),
        ("server.sysctl.conf", ["kernel.tcp_keepalive_time = 90s (net.ipv4.tcp_keepalive_time, written @ 1:1)"]),
    ]


def test_a_template_is_unknown() -> None:
    [host], reports = read("linux-kernel", {"sysctl.conf.j2": "net.ipv4.tcp_keepalive_time = {{ time }}\nnonsense\n"})
    assert facts(host.facts, "kernel.tcp_keepalive_time") == [
        "kernel.tcp_keepalive_time = unknown (net.ipv4.tcp_keepalive_time, written @ 1:1)"
    ]
    assert [(p.message, str(p.span)) for p in reports["sysctl.conf.j2"].problems] == [
        ("expected key = value", "sysctl.conf.j2:2:1")
    ]


def test_tasks_of_ansible() -> None:
    text = (
        "- hosts: all\n  tasks:\n    - name: faster\n      ansible.posix.sysctl:\n"
        "        name: net.ipv4.tcp_keepalive_time\n        value: '120'\n"
        "    - sysctl:\n        name: net.ipv4.tcp_retries2\n        value: 5\n        state: absent\n"
    )
    [host], reports = read("linux-kernel", {"site.yml": text})
    assert settings(host.settings) == ["net.ipv4.tcp_keepalive_time = 120 @ 6:16-21"]
    assert reports["site.yml"].status == "understood"
