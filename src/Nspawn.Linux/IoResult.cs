using Mono.Unix.Native;

namespace Nspawn.Linux;

/// <summary>What one read or write gave: a count, or why there was none.</summary>
public readonly record struct IoResult(int Count, Errno Error)
{
    /// <summary>Nothing now; poll says when to come again.</summary>
    public bool WouldBlock => Error is Errno.EAGAIN or Errno.EINTR;

    public bool Failed => Error != 0 && !WouldBlock;

    /// <summary>The end of a file, or the other side is gone.</summary>
    public bool AtEnd => Count == 0 && Error == 0;

    internal static IoResult Of(nint result) =>
        result >= 0 ? new IoResult((int)result, 0) : new IoResult(0, Check.LastErrno());
}
