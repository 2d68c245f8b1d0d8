using System.Security.Cryptography;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// The name of a mapped device for as long as the launcher has a hand in it. At its end the device is removed: by the
/// kernel with the mount, if it is mounted by then.
/// </summary>
internal sealed class DeviceName : IDisposable
{
    private readonly UndoJournal? _journal;
    private readonly UndoStep.ReleaseDevice _undo;

    /// <param name="journal">Where it is written down what the launcher leaves should it be killed meanwhile.</param>
    public DeviceName(UndoJournal? journal)
    {
        Name = "nspawn-" + RandomNumberGenerator.GetHexString(16, lowercase: true);
        (_journal, _undo) = (journal, new UndoStep.ReleaseDevice(Name));
        journal?.Record(_undo);
    }

    public string Name { get; }

    public void Dispose()
    {
        MappedDevice.Release(Name);
        _journal?.Forget(_undo);
    }
}
