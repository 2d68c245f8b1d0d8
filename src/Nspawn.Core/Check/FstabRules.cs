using static Nspawn.Core.FindingKinds;

namespace Nspawn.Core;

/// <summary>
/// Lines of /etc/fstab that name what a container has not. systemd passes over devices and swap where /sys is read-only,
/// but remounts the root by its line; other inits try to mount all of them.
/// </summary>
internal static class FstabRules
{
    public static IEnumerable<Finding> Of(TreeSurvey survey, HostFacts host)
    {
        foreach (FstabLine line in survey.Fstab)
        {
            if (OfLine(line, survey.IsSystemd) is Finding finding)
            {
                yield return finding;
            }
        }
    }

    private static Finding? OfLine(FstabLine line, bool systemd)
    {
        string name = $"/etc/fstab, line {line.Number}";
        if (line.IsMalformed)
        {
            return FstabMalformed.With($"{name}: {line.Source} has no place and type");
        }

        if (line.IsNetwork)
        {
            return line.Has("noauto") || line.Has("x-systemd.automount") ? null
                : FstabNetwork.With($"{name}: {line.Target} from {line.Source}: the boot waits for its server{(line.Has("nofail") ? ", and goes on without" : "")}");
        }

        if (line.Has("noauto") || !(line.IsDevice || line.IsSwap))
        {
            return null;
        }

        if (!systemd)
        {
            return FstabDevice.With($"{name}: {line.Source} cannot be there: init fails to mount it");
        }

        return line.Target is "/" or "/usr"
            ? FstabRoot.With($"{name}: {line.Source} cannot be there: systemd-remount-fs.service fails, and the system is degraded")
            : FstabIgnored.With(line.IsSwap
                ? $"{name}: a container has no swap of its own: the line is ignored"
                : $"{name}: {line.Source} cannot be there: nothing is mounted on {line.Target}");
    }
}
