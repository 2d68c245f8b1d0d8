using System.Text;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>Symbolic links and extended attributes of the host; readlink(2), getxattr(2).</summary>
public static class Links
{
    public static unsafe string? Read(string path)
    {
        byte* buffer = stackalloc byte[4096];
        nint length = LibC.readlinkat(LibC.AT_FDCWD, path, buffer, 4096);
        return length < 0 ? null : Encoding.UTF8.GetString(buffer, (int)length);
    }

    /// <summary>An extended attribute's short text; null when there is none.</summary>
    public static unsafe string? ReadAttribute(string path, string name)
    {
        byte* buffer = stackalloc byte[256];
        nint length = LibC.getxattr(path, name, buffer, 256);
        return length < 0 ? null : Encoding.UTF8.GetString(buffer, (int)length);
    }
}
