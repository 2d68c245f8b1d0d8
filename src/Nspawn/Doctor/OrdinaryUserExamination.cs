using System.Collections.Immutable;
using System.Globalization;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>What an ordinary user has for machines of their own, and what root would have to do for more.</summary>
internal static class OrdinaryUserExamination
{
    public static IEnumerable<Diagnosis> Findings()
    {
        uint uid = Processes.EffectiveUid;
        string number = uid.ToString(CultureInfo.InvariantCulture);
        string? name = UserDatabase.Find(number, HostFiles.Read("/etc/passwd") ?? "", () => "")?.Name;
        yield return new("user", DiagnosisKind.Note,
            "not root: you can launch directory trees of yours; images, links to the network and other users' machines take root", "sudo nspawn doctor");
        yield return NamespaceBan.Read().Reason(Environment.ProcessPath ?? "nspawn") is string ban
            ? new("namespaces", DiagnosisKind.Fault, "you cannot make user namespaces", ban)
            : Diagnosis.Good("namespaces", "ordinary users can make user namespaces");
        yield return SubIds(name, uid);
        string? directory = Rootless.RuntimeDirectory(Environment.GetEnvironmentVariable, uid);
        yield return directory is null
            ? new("runtime", DiagnosisKind.Fault, "no place to keep a machine's state: neither $XDG_RUNTIME_DIR nor /run/user/" + number, $"log in on the host, or as root: loginctl enable-linger {name ?? number}")
            : Diagnosis.Good("runtime", $"a machine's state is kept in {directory}");
        yield return UnitReader.UserBus(Settings.Default, Environment.GetEnvironmentVariable) is string bus
                ? Diagnosis.Good("cgroup", $"your systemd gives each machine a scope, by {bus}")
            : CgroupReader.OwnGroupIsDelegated() ? Diagnosis.Good("cgroup", "the cgroup you are in is yours to divide")
            : new("cgroup", DiagnosisKind.Lack, "no cgroup of yours: commands run, systemd is not booted", "as root: apt install dbus-user-session; then log in again");
    }

    private static Diagnosis SubIds(string? name, uint uid)
    {
        (string subuid, string subgid) = (HostFiles.Read("/etc/subuid") ?? "", HostFiles.Read("/etc/subgid") ?? "");
        ImmutableArray<IdRange> uids = SubordinateIds.Of(subuid, name, uid, out int badUid);
        ImmutableArray<IdRange> gids = SubordinateIds.Of(subgid, name, uid, out int badGid);
        // Two users with the same ones would own each other's files.
        string remedy = SubordinateIds.Free(subuid, subgid) is IdRange free
            ? $"as root: usermod --add-subuids {free} --add-subgids {free} {name ?? "NAME"}"
            : $"as root: make room for {IdRange.WholeCount} ids in /etc/subuid and /etc/subgid";
        long count = Math.Min(uids.Sum(one => (long)one.Count), gids.Sum(one => (long)one.Count));
        string[] tools = [.. ((string[])["/usr/bin/newuidmap", "/usr/bin/newgidmap"]).Where(tool => FileStatus.At(tool) is null)];
        return badUid + badGid != 0
                ? new("sub-ids", DiagnosisKind.Fault, badUid != 0 ? $"/etc/subuid, line {badUid}: not NAME:START:COUNT" : $"/etc/subgid, line {badGid}: not NAME:START:COUNT", "as root: correct the line")
            : count < IdRange.WholeCount - 1
                ? new("sub-ids", DiagnosisKind.Lack, count == 0 ? "you have no sub-ids: root is the only user inside" : $"you have {count} sub-ids: too few for a systemd inside", remedy)
            : tools.Length > 0 ? new("sub-ids", DiagnosisKind.Fault, $"no {tools[0]} to give a machine your {count} sub-ids", "as root: apt install uidmap")
            : Diagnosis.Good("sub-ids", $"{count} sub-ids are yours");
    }
}
