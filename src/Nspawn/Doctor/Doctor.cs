using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>The verb doctor: what this host, or one machine on it, lacks, and what mends it.</summary>
internal static class Doctor
{
    /// <returns>The exit status: 0 when nothing keeps machines from running and reaching out.</returns>
    public static int Examine(string? machine, bool json)
    {
        Diagnosis[] findings = [.. machine is null ? Host() : new MachineExamination(machine).Findings()];
        Output.Print(json ? Diagnosis.Json(findings) : Diagnosis.Lines(findings));
        return findings.Any(one => one.Kind == DiagnosisKind.Fault) ? 1 : 0;
    }

    private static IEnumerable<Diagnosis> Host()
    {
        (CgroupLayout layout, System.Collections.Immutable.ImmutableArray<string> controllers) = CgroupReader.Read();
        Diagnosis root = Processes.EffectiveUid == 0
            ? Diagnosis.Good("user", "root may launch machines")
            : new("user", DiagnosisKind.Fault, "not root: machines are launched by root, and not all can be seen", "sudo nspawn doctor");
        string? fault = Nftables.Run("list ruleset", out string rules);
        using RouteSocket routes = new();
        bool hasRoute = routes.Routes().Exists(route => route.Destination is null && route.Prefix == 0);
        return
        [
            root,
            .. new HostExamination(HostFiles.Read, path => FileStatus.At(path) is not null).Findings(layout, controllers, UnitReader.Machined(Settings.Default)),
            .. new NetworkExamination(HostFiles.Read).Findings(
                NetworkReader.HasNetworkd(), NetworkReader.NameServers(), fault is null ? rules : null, fault, hasRoute),
        ];
    }
}
