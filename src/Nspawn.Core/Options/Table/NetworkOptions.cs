using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>Options about the container's network.</summary>
internal static class NetworkOptions
{
    public static readonly ImmutableArray<Option> Rows =
    [
        Option.Flag("private-network", null, "No network but a loopback of its own",
            (settings, on) => settings with { PrivateNetwork = on }) with
        {
            Key = "Network.Private",
            Privileged = true,
        },
    ];
}
