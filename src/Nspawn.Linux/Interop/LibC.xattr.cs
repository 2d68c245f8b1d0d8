using System.Runtime.InteropServices;

namespace Nspawn.Linux.Interop;

internal static unsafe partial class LibC
{
    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint getxattr(string path, string name, void* value, nuint size);

    [LibraryImport(libc, SetLastError = true)]
    public static partial nint lgetxattr(byte* path, byte* name, void* value, nuint size);
    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint listxattr(string path, byte* list, nuint size);

    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint getxattr(string path, byte* name, void* value, nuint size);

    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int setxattr(string path, byte* name, void* value, nuint size, int flags);
}
