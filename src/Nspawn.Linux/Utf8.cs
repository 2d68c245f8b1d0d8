using System.Runtime.InteropServices;

namespace Nspawn.Linux;

/// <summary>A NUL-terminated string in memory the collector does not move, for as long as it is not disposed.</summary>
internal readonly unsafe ref struct Utf8(string text)
{
    private readonly nint _pointer = Marshal.StringToCoTaskMemUTF8(text);

    public static implicit operator nint(Utf8 text) => text._pointer;

    public void Dispose() => Marshal.FreeCoTaskMem(_pointer);
}
