using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>Judges a tree: the findings are a pure function of what was read from it and from the host.</summary>
public static class TreeCheck
{
    private static readonly ImmutableArray<Func<TreeSurvey, HostFacts, IEnumerable<Finding>>> s_rules =
    [
        InitRules.Of, IdentityRules.Of, SecretRules.Of, LinkRules.Of, FstabRules.Of, UnitRules.Of, OwnerRules.Of, SpaceRules.Of,
    ];

    /// <summary>The gravest first, each kind in the order of the rules.</summary>
    public static ImmutableArray<Finding> Of(TreeSurvey survey, HostFacts host) =>
        [.. s_rules.SelectMany(rule => rule(survey, host)).OrderBy(finding => finding.Severity)];
}
