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
        bool isRoot = Processes.EffectiveUid == 0;
        string rules = "";
        string? fault = isRoot ? Nftables.Run("list ruleset", out rules) : "it is root's to read"; // which libnftables says by itself, to standard error
        using RouteSocket routes = new();
        bool hasRoute = routes.Routes().Exists(route => route.Destination is null && route.Prefix == 0);
        return
        [
            .. isRoot ? [Diagnosis.Good("user", "root may launch machines")] : OrdinaryUserExamination.Findings(),
            .. new HostExamination(HostFiles.Read, path => FileStatus.At(path) is not null).Findings(layout, controllers, UnitReader.Machined(Settings.Default)),
            .. new NetworkExamination(HostFiles.Read).Findings(
                NetworkReader.HasNetworkd(), NetworkReader.NameServers(), fault is null ? rules : null, fault, hasRoute)
                .Select(one => isRoot || one.Topic != "nftables" || one.Kind != DiagnosisKind.Fault ? one
                    : new(one.Topic, DiagnosisKind.Note, "the packet filter is root's to read; your machines do not use it", "sudo nspawn doctor")),
        ];
    }
}
