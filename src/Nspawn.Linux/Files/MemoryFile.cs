using Microsoft.Win32.SafeHandles;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>
/// A file that is nowhere but in memory, for somebody else to write into: it takes so much and no more, and who writes is never
/// held up; memfd_create(2). Memory is taken for what is written.
/// </summary>
public sealed unsafe class MemoryFile : IDisposable
{
    private readonly string _name;

    /// <param name="name">What messages call it.</param>
    /// <param name="room">How many bytes it takes; a write beyond fails.</param>
    public MemoryFile(string name, int room)
    {
        _name = name;
        Handle = Descriptors.Own(Check.Result(LibC.memfd_create(name, LibC.MFD_CLOEXEC | LibC.MFD_ALLOW_SEALING), name));
        _ = Check.Result(LibC.ftruncate(Handle.Fd(), room), name);
        _ = Check.Result(LibC.fcntl(Handle.Fd(), LibC.F_ADD_SEALS, LibC.F_SEAL_GROW), name);
    }

    /// <summary>Whoever writes through a copy of this descriptor moves its offset.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>How much was written.</summary>
    public int Length => (int)Check.Result((nint)LibC.lseek(Handle.Fd(), 0, LibC.SEEK_CUR), _name);

    /// <summary>The bytes from there on.</summary>
    public byte[] Read(int offset = 0)
    {
        byte[] bytes = new byte[Math.Max(Length - offset, 0)];
        return bytes[..Descriptors.ReadAt(Handle, (ulong)offset, bytes, _name)];
    }

    /// <summary>The last bytes, at most so many.</summary>
    public byte[] Tail(int count) => Read(Math.Max(Length - count, 0));

    public void Dispose() => Handle.Dispose();
}
