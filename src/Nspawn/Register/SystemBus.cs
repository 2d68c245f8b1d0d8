using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>The launcher's connection to the host's system bus, or an ordinary user's to their own: none where nothing asks for one.</summary>
internal static class SystemBus
{
    /// <summary>A bus that accepts and says nothing is waited for so long, once.</summary>
    public static readonly TimeSpan Connecting = TimeSpan.FromSeconds(1);

    /// <summary>
    /// So is a service manager or a machined behind a bus that answers. Whoever fails to is asked nothing more, so a
    /// launch waits in vain but once.
    /// </summary>
    public static readonly TimeSpan Answering = TimeSpan.FromSeconds(1);

    /// <summary>
    /// For what takes its time without being dead: a machined that the bus has to start first, and a service manager on
    /// a busy host, where the launch would otherwise fail for want of the unit that was asked for.
    /// </summary>
    public static readonly TimeSpan Starting = TimeSpan.FromSeconds(5);

    /// <summary>At the end nobody has to be started first, and what is not taken back is dropped by whoever holds it.</summary>
    public static readonly TimeSpan Ending = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Connects where the host has a bus that a launch would use, while libsystemd is still found in the host's own
    /// directories. A bus that cannot be used is a fact about the host, from which the plan is made.
    /// </summary>
    public static Bus? Connect(ref HostFacts host, Settings settings)
    {
        bool wanted = host.UserBus is not null || (!settings.KeepUnit && host.IsSystemd) || host.Machined == MachinedDoor.Bus;
        if (!wanted || (host.UserBus is null && !host.HasSystemBus))
        {
            return null;
        }

        Bus? bus = Bus.TryConnect(Connecting, out string reason, host.UserBus);
        if (bus is null)
        {
            host = host with { HasSystemBus = false, UserBus = null, BusFault = reason };
        }

        return bus;
    }
}
