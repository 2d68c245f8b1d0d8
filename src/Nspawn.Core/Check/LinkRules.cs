using static Nspawn.Core.FindingKinds;

namespace Nspawn.Core;

/// <summary>Links that lead to nothing, and will lead to nothing in the container.</summary>
internal static class LinkRules
{
    public static IEnumerable<Finding> Of(TreeSurvey survey, HostFacts host)
    {
        if (survey.Tree.ResolvConf is { Kind: TreeFileKind.Symlink, Text: string target } && !survey.ResolvConfLeads
            && Writer(target) is var writer && !(writer is not null && survey.Units.Any(unit => unit.Stem == writer && UnitConditions.Of(unit, survey) != Truth.No)))
        {
            yield return ResolvConfDangling.With(writer is null
                ? $"/etc/resolv.conf leads to {target}, which is not there: no name will be found"
                : $"/etc/resolv.conf leads to {target}, which {writer} would write, and that is not started: no name will be found");
        }

        if (survey.Tree.Localtime is { Kind: TreeFileKind.Symlink, Text: string zone } && !survey.LocaltimeLeads)
        {
            yield return LocaltimeDangling.With($"/etc/localtime leads to {zone}, which is not there: the time is UTC's");
        }
    }

    /// <summary>The service that makes the link lead somewhere once it runs.</summary>
    private static string? Writer(string target) =>
        target.Contains("/systemd/resolve/", StringComparison.Ordinal) ? "systemd-resolved"
        : target.Contains("/NetworkManager/", StringComparison.Ordinal) ? "NetworkManager"
        : target.Contains("/resolvconf/", StringComparison.Ordinal) ? "resolvconf"
        : target.Contains("/connman/", StringComparison.Ordinal) ? "connman"
        : null;
}
