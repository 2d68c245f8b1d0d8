using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// An interface of the host that is the container's until it ends. A network that dies drops hardware somewhere, under
/// some name, and takes all other interfaces with it: so the container's is held at a path of the host, from which the
/// launcher, its janitor, or the next launch brings the interface back under its own name.
/// </summary>
internal static class MovedInterface
{
    /// <summary>Holds the container's network at a path of the host; once for all its interfaces.</summary>
    public static void Pin(string path, SafeFileHandle network, NetworkLedger ledger)
    {
        if (FileStatus.At(path) is not null)
        {
            return;
        }

        ledger.Record(new UndoStep.RemoveFile(path));
        ledger.Record(new UndoStep.Unmount(path));
        Descriptors.Open(path, OpenMode.Write | OpenMode.Create | OpenMode.Exclusive).Dispose();
        using SafeFileHandle mount = Mounts.Clone(network, recursive: false, path);
        using SafeFileHandle target = Descriptors.Open(path, OpenMode.Path | OpenMode.NoFollow);
        Mounts.Attach(mount, target, path);
    }

    public static void Take(MoveInterface move, RouteSocket host, SafeFileHandle network, NetworkLedger ledger)
    {
        Link link = host.LinkOf(move.HostName) ?? throw new LaunchException($"the host's interface {move.HostName} is gone");
        ledger.Record(new UndoStep.ReturnInterface(move.Pin, link.Index, link.Name));
        host.Move(link, network, move.Name, keepIndex: true);
    }

    /// <summary>Brings it back, if it is still there. Told by its number: its name is the container's to change.</summary>
    public static void Return(string pin, int index, string name)
    {
        using SafeFileHandle? network = Descriptors.TryOpen(pin, OpenMode.Read, out _);
        if (network is null || !Namespaces.IsNetwork(network))
        {
            return;
        }

        using SafeFileHandle host = Namespaces.OpenNetwork();
        using RouteSocket inside = Namespaces.InNetwork(network, () => new RouteSocket());
        if (inside.LinkOf(index) is not Link link)
        {
            return;
        }

        try
        {
            inside.Move(link, host, name, keepIndex: false);
        }
        catch (SyscallException failure) when (failure.Errno == Mono.Unix.Native.Errno.EEXIST)
        {
            // Names that the container gave it, and that are others' here, would keep it from coming back.
            foreach (string other in link.AltNames)
            {
                inside.RemoveAltName(index, other);
            }

            inside.Move(link, host, name, keepIndex: false);
        }
    }
}
