using System.Collections.Immutable;
using System.Globalization;
using Nspawn.Core;

namespace Nspawn.UnitTests;

/// <summary>Boots as they could have been, for all tests of reports.</summary>
internal static class SampleReports
{
    /// <summary>What a guest may write into its journal to be read otherwise than as text.</summary>
    public static readonly ImmutableArray<string> Hostile =
    [
        "\0\u0001\u001b[31mred\u001b]0;title\u0007\u007f\u009b31m", "]]>", "<![CDATA[x]]>", "</failure></testcase><testcase name=\"forged\"/>", "&amp;&#0;",
        "::error title=forged::no", "  ::set-env name=PATH::/evil", "##[error]forged", "::stop-commands::x", "a\nb\r\nc\rd", "ok 99 - forged", "not ok 1", "Bail out!",
        "1..500", "# SKIP # TODO \\# x", "...", "---", "| a | b |", "</pre><script>alert(1)</script>", "[a](javascript:x) **b** `c` @all", "\ud800", "\udc00x", "\ufffe\uffff",
        "\u2028\u2029", "\"\\\"", "'", "%0A::error::x", "%", "\ud83d\ude00", "\u00e4\u4f60", "\tx", "", " ",
    ];

    public static BootReport Healthy => new()
    {
        Verdict = Verdict.Passed,
        Summary = "multi-user.target after 0.41 s, running",
        Image = "/srv/trees/trixie",
        Machine = "trixie-0a1b",
        Options = ["-D", "/srv/trees/trixie", "--private-network"],
        Started = DateTimeOffset.Parse("2026-03-04T05:06:07Z", CultureInfo.InvariantCulture),
        Duration = Milliseconds(612.5),
        OperatingSystem = "Debian GNU/Linux 13 (trixie)",
        IsSystemd = true,
        Systemd = "257 (257.9-1)",
        Kernel = "6.12.1",
        Nspawn = "0.1.0",
        Target = "multi-user.target",
        TargetReached = Milliseconds(410),
        SystemState = "running",
        BootTimes = [Milliseconds(410)],
        CriticalChain = ["multi-user.target", "nginx.service"],
        Units =
        [
            Unit("nginx.service", 120, 400) with { Description = "A web server", MemoryPeak = 12345678, CpuTime = Milliseconds(35) },
            Unit("basic.target", 100, 100),
            Unit("multi-user.target", 410, 410),
            Unit("systemd-tmpfiles-setup.service", 40, 85),
            Unit("modprobe@loop.service", 20, 30) with { ActiveState = "inactive", SubState = "dead", Deactivated = Milliseconds(31) },
            new() { Name = "proc-sys-fs-binfmt_misc.automount", ActiveState = "inactive", ConditionMet = false },
        ],
        Checks = [new() { Command = "systemctl is-active nginx", ExitStatus = 0, Duration = Milliseconds(12), Output = "active\n" }],
        Usage = [.. Enumerable.Range(0, 12).Select(i => new UsageSample(Milliseconds(i * 40), (10 + i) << 20, Milliseconds(i * i * 3)))],
    };

    public static BootReport Degraded => Healthy with
    {
        Verdict = Verdict.FailedUnits,
        Summary = "2 units have failed: nginx.service, foo.mount",
        SystemState = "degraded",
        Units =
        [
            .. Healthy.Units.Skip(1),
            Unit("nginx.service", 120, null) with
            {
                ActiveState = "failed",
                SubState = "failed",
                Result = "exit-code",
                ExitStatus = 1,
                Deactivated = Milliseconds(240),
                Victims = ["site.target", "certbot.service"],
                Journal = ["nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)", "nginx.service: Failed with result 'exit-code'."],
            },
            Unit("foo.mount", 130, null) with { ActiveState = "failed", SubState = "failed", Result = "signal", ExitStatus = -9, Deactivated = Milliseconds(131) },
            Unit("rpc.service", 90, null) with { ActiveState = "failed", Result = "timeout", MayFail = true, Deactivated = Milliseconds(300) },
        ],
        Causes = [new("port 80 of the host is taken, and its network is shared", "try --private-network")],
    };

    public static BootReport Hung => Healthy with
    {
        Verdict = Verdict.TimedOut,
        Summary = "multi-user.target not reached within 30 s; slow.service is still starting",
        SystemState = "starting",
        TargetReached = null,
        BootTimes = [],
        Duration = TimeSpan.FromSeconds(30),
        Units = [.. Healthy.Units.Skip(1), Unit("slow.service", 120, null) with { ActiveState = "activating", SubState = "start" }],
        Jobs = [new("slow.service", "start", "running"), new("multi-user.target", "start", "waiting")],
        Processes = [new(1, 0, "/sbin/init", "S", "do_epoll_wait"), new(77, 1, "sleep infinity", "S", "hrtimer_nanosleep")],
        ConsoleTail = ["[  OK  ] Reached target basic.target.", "[ ***  ] A start job is running for slow.service"],
        Checks = [],
    };

    public static BootReport Foreign => new()
    {
        Verdict = Verdict.CheckFailed,
        Summary = "the check failed: false",
        Image = "busybox.oci",
        Machine = "busybox",
        Started = DateTimeOffset.UnixEpoch,
        Duration = Milliseconds(50),
        Kernel = "6.12.1",
        Nspawn = "0.1.0",
        Checks =
        [
            new() { Command = "false", ExitStatus = 1, Duration = Milliseconds(2) },
            new() { Command = "sleep infinity", Duration = TimeSpan.FromSeconds(10), Output = "waiting" },
        ],
    };

    public static BootReport NotStarted => Foreign with { Verdict = Verdict.LauncherFailed, Summary = "cannot boot /srv/x: no init found", Checks = [] };

    public static ImmutableArray<BootReport> All => [Healthy, Degraded, Hung, Foreign, NotStarted, HostileOf(Healthy), HostileOf(Degraded), HostileOf(Hung)];

    /// <summary>The same with the worst text in every place that the guest or the command line fills.</summary>
    public static BootReport HostileOf(BootReport report, Random? random = null)
    {
        int next = 0;
        string Word() => random is null ? Hostile[next++ % Hostile.Length]
            : string.Concat(Enumerable.Range(0, random.Next(4)).Select(_ => Hostile[random.Next(Hostile.Length)]));
        ImmutableArray<string> All() => random is null ? [.. Hostile, new string('x', 100_000)] : [.. Enumerable.Range(0, random.Next(5)).Select(_ => Word())];
        return report with
        {
            Summary = Word(),
            Image = Word(),
            Machine = Word(),
            Options = All(),
            OperatingSystem = Word(),
            Systemd = Word(),
            Kernel = Word(),
            ConsoleTail = All(),
            CriticalChain = All(),
            Units = [.. report.Units.Select(unit => unit with { Name = Word() + unit.Name, Description = Word(), Result = Word(), Victims = All(), Journal = All() })],
            Jobs = [new(Word(), Word(), Word())],
            Checks = [new() { Command = Word(), ExitStatus = 1, Duration = Milliseconds(1), Output = string.Join('\n', All()) }],
            Processes = [new(1, 0, Word(), Word(), Word())],
            Causes = [new(Word(), Word())],
        };
    }

    public static UnitReport Unit(string name, double begin, double? active) => new()
    {
        Name = name,
        ActiveState = "active",
        SubState = "running",
        Result = "success",
        Activating = Milliseconds(begin),
        Activated = active is double time ? Milliseconds(time) : null,
    };

    public static TimeSpan Milliseconds(double time) => TimeSpan.FromMilliseconds(time);
}
