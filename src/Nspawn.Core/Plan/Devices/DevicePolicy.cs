using System.Collections.Immutable;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>
/// The devices of a container: what systemd's <c>DevicePolicy=closed</c> (systemd.resource-control(5)) leaves to every
/// unit, and what systemd-nspawn adds to its scope. Devices bound into the container come on top.
/// </summary>
/// <remarks>
/// /dev/console needs no rule: it leads to the first of the container's own pseudo terminals. Neither does an overlay's
/// whiteout: since Linux 5.8 making one (mknod of character device 0:0) is not asked about.
/// </remarks>
internal static class DevicePolicy
{
    /// <summary>UNIX98_PTY_SLAVE_MAJOR: every pseudo terminal's inner end has it.</summary>
    private const uint PtsMajor = 136;

    public static ImmutableArray<DeviceRule> Default { get; } =
    [
        Character(1, 3), // null
        Character(1, 5), // zero
        Character(1, 7), // full
        Character(1, 8), // random
        Character(1, 9), // urandom
        Character(5, 0), // tty
        Character(5, 2), // ptmx
        Character(10, 200), // net/tun
        Character(10, 229), // fuse

        // The nodes a service manager makes to cover what a service may not see; no driver is behind them.
        Character(0, 0),
        new(DeviceKind.Block, 0, 0, DeviceAccess.All),

        // Used, not made: devpts makes their nodes, and mknod(2) could make one for a terminal outside.
        new(DeviceKind.Character, PtsMajor, null, DeviceAccess.Read | DeviceAccess.Write),
    ];

    /// <summary>All the rules of a container.</summary>
    public static IEnumerable<DeviceRule> Of(PlanInput input)
    {
        foreach (DeviceRule rule in Default)
        {
            yield return rule;
        }

        foreach ((BindCustomMount bind, FileStatus status) in BoundDevices(input))
        {
            yield return new DeviceRule(
                status.Type == FileType.BlockDevice ? DeviceKind.Block : DeviceKind.Character,
                status.Major, status.Minor,
                bind.ReadOnly ? DeviceAccess.Read : DeviceAccess.Read | DeviceAccess.Write);
        }
    }

    /// <summary>The devices of the host that the user binds into the container: it may use them.</summary>
    public static IEnumerable<(BindCustomMount Bind, FileStatus Status)> BoundDevices(PlanInput input)
    {
        foreach (CustomMount mount in input.Settings.Mounts)
        {
            if (mount is BindCustomMount { Source: string source, SourceInTree: false } bind
                && input.Host.BindSources.TryGetValue(source, out FileStatus status)
                && status.Type is FileType.CharacterDevice or FileType.BlockDevice)
            {
                yield return (bind, status);
            }
        }
    }

    private static DeviceRule Character(uint major, uint minor) =>
        new(DeviceKind.Character, major, minor, DeviceAccess.All);
}
