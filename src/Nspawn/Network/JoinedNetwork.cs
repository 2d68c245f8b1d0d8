using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>A network namespace of the host that the container's first process is cloned in.</summary>
internal sealed class JoinedNetwork : IDisposable
{
    // While the process is cloned, no path leads here or there.
    private readonly SafeFileHandle _own = Namespaces.OpenNetwork();
    private readonly SafeFileHandle _joined;

    public JoinedNetwork(string path) => _joined = Descriptors.Open(path, OpenMode.Read);

    public void Enter() => Namespaces.EnterNetwork(_joined);

    public void Leave() => Namespaces.EnterNetwork(_own);

    public void Dispose()
    {
        _own.Dispose();
        _joined.Dispose();
    }
}
