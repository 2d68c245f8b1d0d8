using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// The mount namespace in which the container's root is put together: the calling thread's alone, from here to
/// <see cref="Dispose"/>. When the thread leaves it or dies, also of SIGKILL, the kernel drops every mount in it.
/// </summary>
internal sealed class BuilderNamespace : IDisposable
{
    private readonly SafeFileHandle _host = Namespaces.OpenMounts();
    private readonly SafeFileHandle _root = Descriptors.Open("/", OpenMode.Path | OpenMode.Directory);

    public BuilderNamespace()
    {
        Namespaces.UnshareMounts();
    }

    /// <summary>Back to the host's mounts.</summary>
    public void Dispose()
    {
        Namespaces.EnterMounts(_host);
        Namespaces.EnterRoot(_root); // in a chroot, what is to be undone is found there only
        _root.Dispose();
        _host.Dispose();
    }
}
