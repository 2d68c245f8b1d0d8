using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Nspawn.Core;

/// <summary>A cause that is known.</summary>
/// <param name="Name">What tests and readers call it.</param>
/// <param name="Find">What it says about a boot; null: it is not the cause.</param>
public sealed record CauseRule(string Name, Func<BootReport, LaunchTraits, Cause?> Find);

/// <summary>What of a launch a cause may lie in.</summary>
/// <param name="SharesNetwork">It is on the host's network.</param>
public sealed record LaunchTraits(bool SharesNetwork);

/// <summary>
/// Why units fail in containers that do well elsewhere, and what to do about it. Only units that matter to the verdict are
/// looked at: those that failed or are still waited for.
/// </summary>
public static partial class KnownCauses
{
    public static readonly ImmutableArray<CauseRule> All =
    [
        new("device", Device),
        new("no device", NoDevice),
        new("port", Port),
        new("first boot", FirstBoot),
        new("wait-online", WaitOnline),
        new("controller", Controller),
        new("inotify instances", (report, _) => Said(report, InotifyInstances(), "the host's limit of inotify instances is reached",
            "raise it on the host: sysctl fs.inotify.max_user_instances=1024")),
        new("inotify watches", (report, _) => Said(report, InotifyWatches(), "the host's limit of inotify watches is reached",
            "raise it on the host: sysctl fs.inotify.max_user_watches=524288")),
        new("memory", Memory),
    ];

    public static ImmutableArray<Cause> Of(BootReport report, LaunchTraits traits) =>
        [.. All.Select(rule => rule.Find(report, traits)).OfType<Cause>()];

    private static Cause? Device(BootReport report, LaunchTraits traits) =>
        Waiting(report, ".device") is string device
            ? new Cause(
                $"{device} is waited for, which udev would announce, and there is no udev in a container",
                "take what needs it out of the tree's /etc/fstab, or mask the unit that does: --bind-ro=/dev/null:/etc/systemd/system/UNIT")
            : null;

    private static Cause? NoDevice(BootReport report, LaunchTraits traits) =>
        report.FailedUnits.Where(unit => !unit.MayFail).SelectMany(unit => unit.Journal)
            .Select(line => MissingDevice().Match(line)).FirstOrDefault(match => match.Success) is Match match
            ? new Cause(
                $"{match.Groups[1].Value} is not in the machine: a container has none of the host's disks, and no udev to name them",
                "mask the unit that wants it: --bind-ro=/dev/null:/etc/systemd/system/UNIT; or hand the device in: --bind=/dev/DISK --property=DeviceAllow=/dev/DISK")
            : null;

    private static Cause? Port(BootReport report, LaunchTraits traits) => !traits.SharesNetwork ? null : Said(
        report, AddressInUse(), "another program has the address: the machine is on the host's network", "give it one of its own: --private-network or --network-veth");

    private static Cause? FirstBoot(BootReport report, LaunchTraits traits) =>
        report.Jobs.Any(job => job is { State: "running", Unit: "systemd-firstboot.service" or "systemd-homed-firstboot.service" or "initial-setup.service" })
            || (report.Verdict == Verdict.TimedOut && report.ConsoleTail.TakeLast(5).Any(line => Prompt().IsMatch(line)))
            ? new Cause(
                "the machine asks on its console how to set itself up, as on a first boot, and nobody answers",
                "answer beforehand: --set-credential=firstboot.locale:C.UTF-8 and the like, see systemd-firstboot(1), or put the answers into the tree")
            : null;

    private static Cause? WaitOnline(BootReport report, LaunchTraits traits) =>
        Matters(report).FirstOrDefault(name => name.Contains("wait-online", StringComparison.Ordinal)) is string unit
            ? new Cause(
                $"{unit} waits for a link that comes up, and there is none that the machine manages",
                "give it one: --network-veth; or mask it in the tree: systemctl --root=TREE mask " + unit)
            : null;

    private static Cause? Controller(BootReport report, LaunchTraits traits) => Said(
        report, MissingController(), "a cgroup controller is not there for the machine", "see which the host has and hands down: nspawn doctor");

    private static Cause? Memory(BootReport report, LaunchTraits traits) =>
        report.FailedUnits.FirstOrDefault(unit => unit.Result == "oom-kill") is UnitReport unit
            ? new Cause($"{unit.Name} was killed because memory was short", "give the machine, or the unit, more: --property=MemoryMax=, or MemoryMax= in the unit")
            : null;

    private static Cause? Said(BootReport report, Regex words, string text, string remedy)
    {
        UnitReport? unit = report.Units.FirstOrDefault(unit => Concerns(report, unit) && unit.Journal.Any(line => words.IsMatch(line)));
        return unit is not null ? new Cause($"{unit.Name}: {text}", remedy)
            : report.Verdict is Verdict.InitDied or Verdict.TargetNotReached && report.ConsoleTail.Any(line => words.IsMatch(line)) ? new Cause(text, remedy)
            : null;
    }

    private static bool Concerns(BootReport report, UnitReport unit) =>
        (unit.HasFailed && !unit.MayFail) || report.Jobs.Any(job => job.Unit == unit.Name && job.State == "running");

    private static IEnumerable<string> Matters(BootReport report) =>
        report.FailedUnits.Where(unit => !unit.MayFail).Select(unit => unit.Name)
            .Concat(report.Jobs.Where(job => job.State == "running").Select(job => job.Unit));

    /// <summary>A unit of that kind that is waited for, or was in vain.</summary>
    private static string? Waiting(BootReport report, string suffix) =>
        report.Jobs.FirstOrDefault(job => job is { Type: "start", State: "running" } && job.Unit.EndsWith(suffix, StringComparison.Ordinal))?.Unit
        ?? report.FailedUnits.SelectMany(unit => unit.Journal).Concat(report.ConsoleTail)
            .Select(line => TimedOutDevice().Match(line)).FirstOrDefault(match => match.Success)?.Groups[1].Value;

    [GeneratedRegex(@"(?:special device|fsconfig\(\) failed:) (/dev/[^\s:]+):? (?:does not exist|Can't lookup blockdev)", RegexOptions.IgnoreCase)]
    private static partial Regex MissingDevice();

    [GeneratedRegex(@"address already in use|EADDRINUSE", RegexOptions.IgnoreCase)]
    private static partial Regex AddressInUse();

    [GeneratedRegex(@"^-- Press any key to proceed|^(‣ )?Please enter|please enter .*(:|\))\s*$", RegexOptions.IgnoreCase)]
    private static partial Regex Prompt();

    [GeneratedRegex(@"find \w+ cgroup|\b(cgroup|cpu|cpuset|io|memory|pids)(v?2)? controllers? .{0,60}(missing|not (found|available|delegated|supported|mounted))|(missing|required) (cgroup )?controllers?\b|cgroup\.controllers.*No such file", RegexOptions.IgnoreCase)]
    private static partial Regex MissingController();

    [GeneratedRegex(@"inotify.{0,80}(too many open files|EMFILE|max_user_instances)|(too many open files|EMFILE).{0,80}inotify|allocate (directory|file) watch: too many open files", RegexOptions.IgnoreCase)]
    private static partial Regex InotifyInstances();

    [GeneratedRegex(@"inotify.{0,80}(no space left|ENOSPC|max_user_watches|watch limit)|upper limit on inotify watches|(no space left|ENOSPC).{0,80}inotify", RegexOptions.IgnoreCase)]
    private static partial Regex InotifyWatches();

    [GeneratedRegex(@"(?:Timed out waiting for device |^)(/dev/[^ ]*[^ .]|[A-Za-z0-9:_.\\-]+\.device)(?:$|\.$| -|: Job .* timed out)", RegexOptions.IgnoreCase)]
    private static partial Regex TimedOutDevice();
}
