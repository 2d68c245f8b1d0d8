using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>A zone's bridge: there as long as it has ports. systemd-nspawn makes and removes it under the same lock.</summary>
internal static class ZoneBridge
{
    public static LockFile Lock() => LockFile.Take(RunPaths.ZoneLock);

    /// <summary>The bridge, made if it is not there; with the lock held.</summary>
    public static int Join(string name, RouteSocket host, Guid? hostId, NetworkLedger ledger)
    {
        ledger.Record(new UndoStep.LeaveZone(name));
        if (host.LinkOf(name) is Link there)
        {
            return there.Index;
        }

        // Otherwise it would be that of one of its ports, and another's when that one goes: neighbours would lose it.
        byte[] address = BitConverter.GetBytes(Subnets.Hash($"{hostId:N}/{name}"))[..6];
        address[0] = (byte)(address[0] & ~1 | 2);
        host.MakeBridge(new NewLink(name, address));
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
