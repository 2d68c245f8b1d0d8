using System.Runtime.InteropServices;
using Mono.Unix.Native;

namespace Nspawn.Linux;

/// <summary>The C library's words for an error.</summary>
public static class ErrnoText
{
    // Not Mono's strerror: it would load a shared library, and by then the root may be the tree's.
    public static string Of(Errno errno) => Marshal.GetPInvokeErrorMessage((int)errno);
}
