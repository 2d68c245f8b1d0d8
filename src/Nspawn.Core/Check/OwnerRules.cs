using static Nspawn.Core.FindingKinds;

namespace Nspawn.Core;

/// <summary>Whose the files are, and what they let others become.</summary>
internal static class OwnerRules
{
    public static IEnumerable<Finding> Of(TreeSurvey survey, HostFacts host)
    {
        uint root = survey.Owners.GetValueOrDefault("/"), range = root & 0xffff_0000;
        foreach ((string path, uint owner) in survey.Owners)
        {
            if (owner != range)
            {
                yield return OwnershipNotRoot.With($"{path} belongs to the user {owner}, not to root: its services will not trust what is in it");
                break;
            }
        }

        if (range != 0)
        {
            yield return OwnershipShifted.With($"the tree is shifted: its root is the host's user {range}, so that without a user name space nobody in it owns its files");
        }

        long elsewhere = survey.Census.Ranges.Where(one => one.Key != range).Sum(one => one.Value);
        if (elsewhere > 0)
        {
            yield return OwnershipMixed.With($"{elsewhere} files belong to users outside of the range from {range} to {(ulong)range + 65535}");
        }

        if (survey.Census.OfNobody > 0)
        {
            yield return OwnershipNobody.With($"{survey.Census.OfNobody} files belong to nobody (65534)");
        }

        TreeCensus census = survey.Census;
        if (census.SetUserId + census.SetGroupId + census.WithCapabilities > 0)
        {
            yield return SetuidFiles.With($"{census.SetUserId} set-user-ID files, {census.SetGroupId} set-group-ID files, {census.WithCapabilities} with file capabilities");
        }
    }
}
