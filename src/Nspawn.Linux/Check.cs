using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Mono.Unix.Native;

namespace Nspawn.Linux;

/// <summary>Turns the C library's -1 into a <see cref="SyscallException"/>; the one place where errno is read.</summary>
internal static class Check
{
    /// <summary>The call's result, or an exception naming the call (taken from the expression) and its subject.</summary>
    public static nint Result(nint result, string subject, [CallerArgumentExpression(nameof(result))] string call = "")
    {
        if (result >= 0)
        {
            return result;
        }

        Errno errno = LastErrno();
        throw new SyscallException(NameOf(call), errno, subject);
    }

    public static Errno LastErrno() => (Errno)Marshal.GetLastPInvokeError();

    // "LibC.mkdirat(fd, …)" -> "mkdirat"; "LibC.syscall(LibC.SYS_fsopen, …)" -> "fsopen".
    private static string NameOf(string expression)
    {
        const string Numbered = "LibC.SYS_";
        int start = expression.IndexOf(Numbered, StringComparison.Ordinal) is int at and >= 0
            ? at + Numbered.Length
            : expression.IndexOf("LibC.", StringComparison.Ordinal) + "LibC.".Length;
        int end = start;
        while (end < expression.Length && (char.IsAsciiLetterOrDigit(expression[end]) || expression[end] == '_'))
        {
            end++;
        }

        return expression[start..end];
    }
}
