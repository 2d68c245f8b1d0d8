using Microsoft.Win32.SafeHandles;

namespace Nspawn.Linux;

/// <summary>The number of an open descriptor, for calls that end before the handle can be let go.</summary>
internal static class HandleNumber
{
    public static int Number(this SafeFileHandle handle) => (int)handle.DangerousGetHandle();
}
