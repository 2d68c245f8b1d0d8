using Microsoft.Win32.SafeHandles;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>Something to poll that becomes readable when a file is written or removed; inotify(7).</summary>
public sealed unsafe class FileWatch : IDisposable
{
    public FileWatch(string path)
    {
        Handle = Descriptors.Own(Check.Result(LibC.inotify_init1(LibC.IN_CLOEXEC | LibC.IN_NONBLOCK), "inotify"));
        // A file that is gone already has no news: whoever looks will find out.
        _ = LibC.inotify_add_watch(Handle.Fd(), path, LibC.IN_MODIFY | LibC.IN_ATTRIB | LibC.IN_DELETE_SELF);
    }

    public SafeFileHandle Handle { get; }

    /// <summary>Takes the news: what they were about, a look at the file will tell.</summary>
    public void Forget()
    {
        byte* buffer = stackalloc byte[4096];
        while (LibC.read(Handle.Fd(), buffer, 4096) > 0)
        {
        }
    }

    public void Dispose() => Handle.Dispose();
}
