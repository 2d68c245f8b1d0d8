using static Nspawn.Core.FindingKinds;

namespace Nspawn.Core;

/// <summary>Who the system is: os-release, machine id, host name.</summary>
internal static class IdentityRules
{
    public static IEnumerable<Finding> Of(TreeSurvey survey, HostFacts host)
    {
        if (survey.OsRelease is null && survey.Tree.HasUsr && !survey.Tree.HasOsRelease)
        {
            yield return OsReleaseMissing.With(survey.OsReleaseDangles
                ? "os-release is a link that leads to nothing: systemd-nspawn refuses such a tree"
                : "there is no os-release: systemd-nspawn refuses such a tree");
        }
        else if (survey.OsRelease is { FirstBadLine: int line })
        {
            yield return OsReleaseMalformed.With($"os-release, line {line}: not an assignment that a shell would take");
        }
        else if (survey.OsRelease is { Id: null or "" })
        {
            yield return OsReleaseMalformed.With("os-release has no ID");
        }

        if (OfMachineId(survey) is Finding finding)
        {
            yield return finding;
        }

        if (survey.HasOwnDbusId)
        {
            yield return DbusMachineId.With("/var/lib/dbus/machine-id is a file of its own: every copy of the tree has the same");
        }

        if (survey.Hostname is string hostname && hostname.Split('\n').All(line => line.Trim() is "" or ['#', ..]))
        {
            yield return HostnameEmpty.With("/etc/hostname names nothing: the host name is the machine's");
        }
    }

    private static Finding? OfMachineId(TreeSurvey survey) => survey.MachineId switch
    {
        MachineIdState.Set => MachineIdShipped.With("/etc/machine-id holds an id: every copy of the tree is the same machine to DHCP servers, journals and machined"),
        MachineIdState.Malformed => MachineIdMalformed.With("/etc/machine-id holds something that is no id: the launcher refuses the tree"),
        // Only systemd needs it: it can mount one over an empty file, not over none.
        MachineIdState.Missing when survey.IsSystemd => MachineIdMissing.With("there is no /etc/machine-id: it boots as for the first time, and not at all read-only"),
        MachineIdState.Uninitialized when survey.IsSystemd => MachineIdUninitialized.With("/etc/machine-id is \"uninitialized\": it boots as for the first time, applies presets and may ask questions on the console"),
        _ => null,
    };
}
