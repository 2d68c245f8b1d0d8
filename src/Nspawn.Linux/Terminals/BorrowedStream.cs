using Microsoft.Win32.SafeHandles;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>
/// One of the descriptors 0, 1 and 2, used so that no call blocks and without setting O_NONBLOCK on it: that flag
/// belongs to the open file description, which the caller's shell shares and keeps.
/// </summary>
/// <remarks>
/// Terminals and pipes are opened a second time through /proc/self/fd, which gives a description of our own. Sockets
/// take the wish not to block with each call. What is left is used only after poll announced it, in portions that
/// poll's promise covers. Regular files never block in poll's sense, and keep the offset they share with the caller.
/// </remarks>
public sealed unsafe class BorrowedStream : IDisposable
{
    private const int PipePortion = 4096;
    private const int TerminalPortion = 256;

    private readonly bool _isSocket;
    private readonly int _portion;

    private BorrowedStream(SafeFileHandle handle, FileType type, bool needsPoll, int portion)
    {
        Handle = handle;
        IsFile = IsStorage(type);
        _isSocket = type == FileType.Socket;
        NeedsPoll = needsPoll;
        _portion = portion;
    }

    /// <summary>What to poll.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>A regular file: data, not somebody typing.</summary>
    public bool IsFile { get; }

    /// <summary>A read or write may block unless poll has announced it.</summary>
    public bool NeedsPoll { get; }

    public static BorrowedStream ForReading(int fd) => Open(fd, LibC.O_RDONLY);

    public static BorrowedStream ForWriting(int fd) => Open(fd, LibC.O_WRONLY);

    public IoResult Read(Span<byte> buffer)
    {
        fixed (byte* first = buffer)
        {
            return IoResult.Of(_isSocket
                ? LibC.recv(Handle.Fd(), first, (nuint)buffer.Length, LibC.MSG_DONTWAIT)
                : LibC.read(Handle.Fd(), first, (nuint)buffer.Length));
        }
    }

    public IoResult Write(ReadOnlySpan<byte> data)
    {
        nuint length = (nuint)Math.Min(data.Length, _portion);
        fixed (byte* first = data)
        {
            return IoResult.Of(_isSocket
                ? LibC.send(Handle.Fd(), first, length, LibC.MSG_DONTWAIT | LibC.MSG_NOSIGNAL)
                : LibC.write(Handle.Fd(), first, length));
        }
    }

    /// <summary>Closes a description of our own; the caller's descriptor stays open.</summary>
    public void Dispose() => Handle.Dispose();

    private static BorrowedStream Open(int fd, int access)
    {
        SafeFileHandle caller = new(fd, ownsHandle: false);
        FileStatus status = FileStatus.Of(caller, $"descriptor {fd}");
        FileType type = status.Type;
        if (type == FileType.Socket || IsStorage(type))
        {
            return new BorrowedStream(caller, type, needsPoll: false, int.MaxValue);
        }

        bool isTerminal = Terminal.Is(caller);
        // A second open of a pseudo terminal's master would make another terminal.
        if (type == FileType.Fifo || (isTerminal && !status.IsTerminalMaster))
        {
            int own = LibC.openat(
                LibC.AT_FDCWD, $"/proc/self/fd/{fd}", access | LibC.O_NONBLOCK | LibC.O_NOCTTY | LibC.O_CLOEXEC, 0);
            if (own >= 0)
            {
                SafeFileHandle ours = new(own, ownsHandle: true);
                return new BorrowedStream(ours, type, needsPoll: false, int.MaxValue);
            }
        }

        return new BorrowedStream(caller, type, needsPoll: true, isTerminal ? TerminalPortion : PipePortion);
    }

    private static bool IsStorage(FileType type) => type is FileType.Regular or FileType.BlockDevice or FileType.Directory;
}
