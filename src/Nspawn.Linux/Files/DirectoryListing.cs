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
        List<string> names = [];
        Walk(directory, subject, (name, type) =>
        {
            if (!directoriesOnly || type == DT_DIR)
            {
                names.Add(Encoding.UTF8.GetString(name));
            }
        });
        return names;
    }

    /// <summary>The names as they are, each with a NUL at its end: those of a tree need not be UTF-8.</summary>
    internal static List<byte[]> RawNames(SafeFileHandle directory, string subject)
    {
        List<byte[]> names = [];
        Walk(directory, subject, (name, _) => names.Add([.. name, 0]));
        return names;
    }

    private delegate void Take(ReadOnlySpan<byte> name, byte type);

    private static void Walk(SafeFileHandle directory, string subject, Take take)
    {
        const int Size = 16 * 1024;
        byte* buffer = stackalloc byte[Size];
        for (int count = 0; count < MaximumNames;)
        {
            nint length = Check.Result(
                LibC.syscall(LibC.SYS_getdents64, directory.Fd(), (nint)buffer, Size, 0, 0, 0), subject);
            if (length == 0)
            {
                return;
            }

            for (byte* entry = buffer; entry < buffer + length; entry += *(ushort*)(entry + LengthOffset))
            {
                ReadOnlySpan<byte> name = System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entry + NameOffset);
                if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                {
                    take(name, entry[TypeOffset]);
                    count++;
                }
            }
        }
    }
}
