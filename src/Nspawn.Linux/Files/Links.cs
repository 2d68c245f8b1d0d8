using System.Text;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>Symbolic links of the host; readlink(2).</summary>
public static class Links
{
    public static unsafe string? Read(string path)
    {
        byte* buffer = stackalloc byte[4096];
        nint length = LibC.readlinkat(LibC.AT_FDCWD, path, buffer, 4096);
        return length < 0 ? null : Encoding.UTF8.GetString(buffer, (int)length);
    }
}
