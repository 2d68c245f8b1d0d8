using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>The names in a directory; getdents64(2).</summary>
public static unsafe class DirectoryListing
{
    // struct linux_dirent64
    private const int LengthOffset = 16;
    private const int TypeOffset = 18;
    private const int NameOffset = 19;
    private const byte DT_DIR = 4;
    private const int MaximumNames = 100_000;

    /// <summary>The names at a path of a tree, without <c>.</c> and <c>..</c>; none when it is no directory.</summary>
    public static List<string> Of(RootDirectory root, string path)
    {
        using SafeFileHandle? directory = root.TryOpen(path, OpenMode.Read | OpenMode.Directory, out _);
        return directory is null ? [] : Of(directory, path);
    }

    public static List<string> Of(SafeFileHandle directory, string subject, bool directoriesOnly = false)
    {
        const int Size = 16 * 1024;
        byte* buffer = stackalloc byte[Size];
        List<string> names = [];
        while (names.Count < MaximumNames)
        {
            nint length = Check.Result(
                LibC.syscall(LibC.SYS_getdents64, directory.Fd(), (nint)buffer, Size, 0, 0, 0), subject);
            if (length == 0)
            {
                break;
            }

            for (byte* entry = buffer; entry < buffer + length; entry += *(ushort*)(entry + LengthOffset))
            {
                string name = Encoding.UTF8.GetString(
                    System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entry + NameOffset));
                bool wanted = !directoriesOnly || entry[TypeOffset] == DT_DIR;
                if (wanted && name is not ("." or ".."))
                {
                    names.Add(name);
                }
            }
        }

        return names;
    }
}
