using Mono.Unix.Native;

namespace Nspawn.Linux;

/// <summary>A system call that failed: which one, on what, and errno as data.</summary>
/// <param name="call">The call, as its man page names it.</param>
/// <param name="errno">Its error.</param>
/// <param name="subject">What it was applied to: a path, an option, a process.</param>
/// <param name="explanation">What the kernel itself said about it; null: nothing.</param>
public sealed class SyscallException(string call, Errno errno, string subject, string? explanation = null) : Exception
{
    public string Call { get; } = call;
    public Errno Errno { get; } = errno;
    public string Subject { get; } = subject;

    /// <summary>The error in words: <c>No such file or directory</c>.</summary>
    public string Reason => ErrnoText.Of(Errno);

    /// <summary>The error in words, with what the kernel itself said about it.</summary>
    public string Explained => explanation is null ? Reason : $"{Reason} ({explanation})";

    public override string Message => $"{Call}({Subject}): {Explained}";
}
