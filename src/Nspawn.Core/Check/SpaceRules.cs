using static Nspawn.Core.FindingKinds;

namespace Nspawn.Core;

/// <summary>What takes room without being of use, and what could not be looked at.</summary>
internal static class SpaceRules
{
    private const long WorthAWord = 1024 * 1024;

    public static IEnumerable<Finding> Of(TreeSurvey survey, HostFacts host)
    {
        if (!survey.IsUsrMerged && survey.Tree.HasUsr)
        {
            yield return NotUsrMerged.With("/bin, /sbin or /lib is a directory of its own: --volatile=yes, which keeps only /usr, cannot boot it");
        }

        foreach ((Leftover leftover, FindingKind kind, string what) in
            ((Leftover, FindingKind, string)[])
            [
                (Leftover.PackageCache, PackageCaches, "the caches of the package manager"),
                (Leftover.Log, Logs, "the logs in /var/log"),
                (Leftover.Temporary, TemporaryFiles, "the files in /tmp and /var/tmp"),
            ])
        {
            if (survey.Census.LeftoverBytes.GetValueOrDefault(leftover) is long bytes and >= WorthAWord)
            {
                yield return kind.With($"{what} take {Megabytes(bytes)}");
            }
        }

        if (survey.Census.Unread > 0 || survey.MachineId == MachineIdState.Unreadable || survey.Init.Any(program => program.IsUnreadable))
        {
            yield return NotAllRead.With($"not everything could be read: {survey.Census.Unread} directories were passed over");
        }
    }

    /// <summary>As people say it.</summary>
    public static string Megabytes(long bytes) => $"{(bytes + (WorthAWord / 2)) / WorthAWord} MiB";
}
