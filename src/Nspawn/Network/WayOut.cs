using System.Net;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// The container's way to other networks: the host forwards, and lends it its own address. Opened with the first
/// question that comes from the container, so that one that never asks costs the host nothing.
/// </summary>
internal sealed class WayOut(NetworkLedger ledger) : IDisposable
{
    private readonly List<SafeFileHandle> _shared = [];

    /// <summary>Opens it for a network of the container's.</summary>
    /// <returns>What keeps it shut; null: nothing.</returns>
    public string? Open(IPAddress network, int prefix)
    {
        string family = Firewall.FamilyOf(network), element = $"{network}/{prefix}";
        try
        {
            _shared.Add(Forwarding.Join(family, ledger));
            _shared.Add(SharedDeed.Join(
                $"masquerade-{network}-{prefix}", ledger, () => [new UndoStep.RemoveElement(family, Firewall.MasqueradeSet, element)],
                () => Masquerade(family, element)));
            return null;
        }
        catch (Exception failure) when (failure is SyscallException or LaunchException)
        {
            return failure.Message;
        }
    }

    public void Dispose() => _shared.ForEach(one => one.Dispose());

    private static void Masquerade(string family, string element)
    {
        if (Firewall.Add(family, Firewall.MasqueradeSet, element) is string fault)
        {
            throw new LaunchException(fault);
        }
    }
}
