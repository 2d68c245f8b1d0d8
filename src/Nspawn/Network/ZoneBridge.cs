using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>A zone's bridge: there as long as it has ports. systemd-nspawn makes and removes it under the same lock.</summary>
internal static class ZoneBridge
{
    public static LockFile Lock() => LockFile.Take(RunPaths.ZoneLock);

    /// <summary>The bridge, made if it is not there; with the lock held.</summary>
    public static int Join(string name, RouteSocket host, NetworkLedger ledger)
    {
        ledger.Record(new UndoStep.LeaveZone(name));
        if (host.LinkOf(name) is Link there)
        {
            return there.Index;
        }

        host.MakeBridge(name);
        return host.LinkOf(name)!.Index;
    }

    /// <summary>Removes the bridge, if nobody is left in the zone.</summary>
    public static void Leave(string name)
    {
        using LockFile held = Lock();
        using RouteSocket host = new();
        List<Link> links = host.Links();
        if (links.Find(link => link.Name == name && link.Kind == "bridge") is Link bridge
            && !links.Exists(link => link.Master == bridge.Index))
        {
            _ = host.Remove(name);
        }
    }
}
