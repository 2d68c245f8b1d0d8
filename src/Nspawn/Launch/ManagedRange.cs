using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// The ids that systemd-nsresourced gave to this run, held by a user namespace that nobody lives in: it takes them back when
/// that is gone, of whatever the launcher died. Held from the first boot of the container to its end, over its reboots.
/// </summary>
internal sealed class ManagedRange : IDisposable
{
    private SafeFileHandle? _held;
    private int _asked;

    /// <exception cref="PlanRefuted">They have been given now: another plan can name them.</exception>
    public void Take(HoldManagedRange step)
    {
        if (step.Given is not null && _held is not null)
        {
            return;
        }

        IdRange range = default;
        SafeFileHandle made = IdMaps.Make(pid =>
        {
            using SafeFileHandle users = UserNamespaces.Open(pid);
            // The one that turned out to be somebody else's is still held: it is not given again.
            NamespaceResource.AllocateRange(users, ++_asked == 1 ? step.Name : $"{step.Name}-{_asked}");
            range = RangeOf(pid);
        });
        _held?.Dispose();
        _held = made;
        throw new PlanRefuted(facts => facts with { ManagedRange = range });
    }

    public void Dispose() => _held?.Dispose();

    private static IdRange RangeOf(int pid)
    {
        string map = HostFiles.Read($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/uid_map") ?? "";
        return IdMapping.Parse(map) is [{ Inside: 0 } all]
            ? new IdRange(all.Outside, all.Count)
            : throw new LaunchException("systemd-nsresourced gave no user ids to the namespace it was handed; use --private-users=pick");
    }
}
